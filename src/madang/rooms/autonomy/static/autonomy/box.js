// What voting and trustees' pages share: the one form of values, blind tokens (RFC 9474), turns, and sealing on P-256.
"use strict";
globalThis.MadangBox = (() => {
  const UTF8 = new TextEncoder();
  const SALT = 48, HASH = 48, PREFIX = 32;

  function b64(bytes) {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function unb64(text) {
    const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, letter => letter.charCodeAt(0));
  }
  /** Keys sorted, no spaces; keys and project ids are ASCII, where every order of texts is the same. */
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    return `{${Object.keys(value).sort().map(key => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  const random = size => crypto.getRandomValues(new Uint8Array(size));
  const digest = async (name, bytes) => new Uint8Array(await crypto.subtle.digest(name, bytes));
  const sha256 = bytes => digest("SHA-256", bytes);
  const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
  const hexOf = async text => hex(await sha256(UTF8.encode(text)));
  function joined(...parts) {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { out.set(part, at); at += part.length; }
    return out;
  }

  // ------------------------------------------------------------ whole numbers of any length
  const number = bytes => BigInt("0x" + (hex(bytes) || "0"));
  function bytesOf(value, size) {
    const text = value.toString(16).padStart(size * 2, "0");
    return Uint8Array.from({ length: size }, (_none, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
  }
  function power(base, exponent, modulus) {
    let out = 1n;
    for (let left = exponent, square = base % modulus; left > 0n; left >>= 1n, square = square * square % modulus) if (left & 1n) out = out * square % modulus;
    return out;
  }
  /** The inverse modulo a number, or null where there is none. */
  function inverse(value, modulus) {
    let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
    while (b > 0n) { const q = a / b; [a, b, x, y] = [b, a - q * b, y, x - q * y]; }
    return a === 1n ? (x % modulus + modulus) % modulus : null;
  }

  // ------------------------------------------------------------ blind tokens: RSABSSA-SHA384-PSS-Randomized
  async function mask(seed, length) {
    const parts = [];
    for (let at = 0; at * HASH < length; at++) parts.push(await digest("SHA-384", joined(seed, Uint8Array.of(0, 0, 0, at))));
    return joined(...parts).subarray(0, length);
  }
  /** EMSA-PSS (RFC 8017, section 9.1.1) for a modulus of whole bytes. */
  async function encoded(message, salt, size) {
    const seed = await digest("SHA-384", joined(new Uint8Array(8), await digest("SHA-384", message), salt));
    const block = joined(new Uint8Array(size - SALT - HASH - 2), Uint8Array.of(1), salt), over = await mask(seed, block.length);
    for (let at = 0; at < block.length; at++) block[at] ^= over[at];
    block[0] &= 127;
    return joined(block, seed, Uint8Array.of(188));
  }
  /** Draw what a token needs; nothing of it but `blinded` leaves the device. */
  async function tokenDrawn(key, turns) {
    const n = number(unb64(key.n)), size = unb64(key.n).length, secret = random(32), prefix = random(PREFIX);
    const message = joined(prefix, await turnKey(secret, 0, turns));
    const value = number(await encoded(message, random(SALT), size));
    for (;;) {
      const factor = number(random(size + 16)) % n, back = inverse(factor, n);
      if (back !== null) {
        const blinded = value * power(factor, BigInt(key.e), n) % n;
        return { secret: b64(secret), prefix: b64(prefix), back: b64(bytesOf(back, size)), blinded: b64(bytesOf(blinded, size)) };
      }
    }
  }
  /** Take the blinding off the office's answer; throws if what comes out is no signature on the token. */
  async function tokenFinished(key, drawn, answer, turns) {
    const n = number(unb64(key.n)), size = unb64(key.n).length;
    const signature = bytesOf(number(unb64(answer)) * number(unb64(drawn.back)) % n, size);
    const message = joined(unb64(drawn.prefix), await turnKey(unb64(drawn.secret), 0, turns));
    const jwk = { kty: "RSA", n: key.n, e: "AQAB", alg: "PS384", ext: true };
    const verifier = await crypto.subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-384" }, false, ["verify"]);
    if (!await crypto.subtle.verify({ name: "RSA-PSS", saltLength: SALT }, verifier, signature, message)) throw new Error("token_invalid");
    return b64(signature);
  }
  /** What a ballot of a turn shows; turn 0 is the token's message. */
  async function turnKey(secret, turn, turns) {
    let value = secret;
    for (let left = turns - turn; left > 0; left--) value = await sha256(value);
    return value;
  }

  // ------------------------------------------------------------ sealing
  const CURVE = { name: "ECDH", namedCurve: "P-256" };
  async function sealKey(mine, point, poll, use) {
    const theirs = await crypto.subtle.importKey("raw", point, CURVE, false, []);
    const shared = await crypto.subtle.importKey("raw", await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine, 256), "HKDF", false, ["deriveKey"]);
    const how = { name: "HKDF", hash: "SHA-256", salt: UTF8.encode(poll), info: UTF8.encode("madang seal v1") };
    return crypto.subtle.deriveKey(how, shared, { name: "AES-GCM", length: 256 }, false, [use]);
  }
  async function sealed(bytes, to, poll, associated) {
    const once = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]), iv = random(12);
    const key = await sealKey(once.privateKey, unb64(to), poll, "encrypt");
    const text = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: associated }, key, bytes);
    return joined(new Uint8Array(await crypto.subtle.exportKey("raw", once.publicKey)), iv, new Uint8Array(text));
  }
  async function unsealed(bytes, mine, poll, associated) {
    const key = await sealKey(mine, bytes.subarray(0, 65), poll, "decrypt");
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.subarray(65, 77), additionalData: associated }, key, bytes.subarray(77)));
  }

  // ------------------------------------------------------------ ballots
  /** A ballot of one turn: its body, what is sealed, and what opens the commitment. */
  async function ballotMade(header, token, turn, choice) {
    const nonce = random(32), secret = unb64(token.secret), message = await turnKey(secret, 0, header.turns);
    const text = canonical({ choice, nonce: b64(nonce) });
    const plain = new Uint8Array(header.pad).fill(32);
    plain.set(UTF8.encode(text));
    const closed = await sealed(plain, header.keys.seal, header.poll, message);
    const body = {
      kind: "ballot", token: b64(message), prefix: token.prefix, signature: token.signature, turn, turn_key: b64(await turnKey(secret, turn, header.turns)),
      commitment: hex(await sha256(joined(nonce, UTF8.encode(canonical(choice))))), sealed_hash: hex(await sha256(closed)),
    };
    return { body, sealed: b64(closed), choice, nonce: b64(nonce), receipt: await hexOf(canonical(body)) };
  }
  const receiptShown = receipt => receipt.slice(0, 20).match(/.{4}/g).join(" ");

  // ------------------------------------------------------------ a trustee's keys
  async function keyPair(name, use) {
    const pair = await crypto.subtle.generateKey({ name, namedCurve: "P-256" }, true, use);
    const jwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
    return { private: jwk.d, public: b64(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))) };
  }
  function keyRead(pair, name, use) {
    const point = unb64(pair.public), jwk = { kty: "EC", crv: "P-256", d: pair.private, x: b64(point.subarray(1, 33)), y: b64(point.subarray(33)), ext: true };
    return crypto.subtle.importKey("jwk", jwk, { name, namedCurve: "P-256" }, false, [use]);
  }
  const trusteeDrawn = async poll => ({ format: "madang-trustee-key", version: 1, poll, sign: await keyPair("ECDSA", ["sign"]), box: await keyPair("ECDH", ["deriveBits"]) });
  async function headSigned(file, poll, seq, head) {
    const key = await keyRead(file.sign, "ECDSA", "sign");
    return b64(new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, UTF8.encode(`madang head v1\n${poll}\n${seq}\n${head}`))));
  }
  async function shareOpened(file, poll, trustee, text) {
    const key = await keyRead(file.box, "ECDH", "deriveBits");
    return b64(await unsealed(unb64(text), key, poll, UTF8.encode(`share:${trustee}`)));
  }

  /** Let the reader keep something as a file. */
  function keep(name, text) {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" })), link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }
  const works = () => Boolean(globalThis.crypto && crypto.subtle && globalThis.BigInt);

  return { b64, unb64, canonical, hexOf, tokenDrawn, tokenFinished, turnKey, ballotMade, receiptShown, trusteeDrawn, headSigned, shareOpened, keep, works };
})();
