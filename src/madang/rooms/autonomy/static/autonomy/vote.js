// A vote is made, sealed and kept on the voter's own device; the server sees a blinded token and, apart from it, a sealed ballot.
"use strict";
(() => {
  const box = globalThis.MadangBox, byId = id => document.getElementById(id);
  const { header, words, urls, signed_in: signedIn } = JSON.parse(byId("vote-data").textContent);
  const rules = header.manifest.ballot, korean = document.documentElement.lang.startsWith("ko"), digits = new Intl.NumberFormat(korean ? "ko-KR" : "en-GB");
  const places = new Map(header.projects.map((row, at) => [row.id, { ...row, at }]));
  const key = `madang-vote:${header.poll}`, WAITS = [0, 1500, 4000];
  const byPoints = rules.type === "cumulative" || rules.type === "scoring", byOrder = rules.type === "ordinal";
  const most = Math.min(rules.max_length ?? places.size, places.size), least = rules.min_length ?? 0, budget = header.manifest.budget ?? header.budget;
  const mostPoints = rules.max_points || rules.max_sum_points || 0, leastPoints = rules.min_points ?? 1, sumPoints = rules.max_sum_points ?? null;
  let picked = [], points = {}, vote = null, genesis = "", kept = true;

  const say = (name, values = {}) => Object.entries(values).reduce((text, [slot, value]) => text.replaceAll(`{${slot}}`, value), words[name]);
  function won(amount) {
    if (!korean) return amount >= 1e6 ? `₩${(amount / 1e6).toFixed(1)} million` : `₩${digits.format(amount)}`;
    const parts = [[1e8, "억"], [1e4, "만"], [1, ""]].map(([unit, name], at) => [Math.floor(amount / unit) % (at ? 1e4 : Infinity), name]).filter(([count]) => count);
    return (parts.map(([count, name]) => digits.format(count) + name).join(" ") || "0") + (parts.length && parts.at(-1)[1] ? " 원" : "원");
  }
  const make = (tag, text, className) => { const it = document.createElement(tag); if (text !== undefined) it.textContent = text; if (className) it.className = className; return it; };
  function button(text, label, act, className = "pick") {
    const it = make("button", text, className);
    it.type = "button";
    if (label) it.setAttribute("aria-label", label);
    it.addEventListener("click", act);
    return it;
  }

  // ------------------------------------------------------------ what this device keeps
  function stored() {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  }
  function store() {
    try { localStorage.setItem(key, JSON.stringify(vote)); } catch { kept = false; }
  }
  function remember() {
    try { sessionStorage.setItem(key, JSON.stringify(choiceNow())); } catch { /* nothing is lost but the draft */ }
  }
  /** Whether the last ballot was made but not acknowledged; earlier ones it replaces anyway. */
  const unsent = () => vote?.ballots.at(-1)?.acked === false;
  function draft() {
    try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
  }
  // A token belongs to the keys of one box, whatever the poll is called.
  const fits = value => value && value.format === "madang-vote" && value.version === 1 && value.box === genesis && typeof value.secret === "string" && Array.isArray(value.ballots);

  // ------------------------------------------------------------ choosing
  function choiceNow() {
    if (byPoints) return { points: Object.fromEntries(Object.entries(points).filter(([, given]) => given > 0).sort(([a], [b]) => a < b ? -1 : 1)) };
    return byOrder ? { order: [...picked] } : { approve: [...picked].sort() };
  }
  function chooseAgain(choice) {
    const known = ids => Array.isArray(ids) ? ids.filter(id => places.has(id)) : [];
    picked = known(choice?.approve ?? choice?.order);
    points = Object.fromEntries(Object.entries(choice?.points ?? {}).filter(([id]) => places.has(id)));
  }
  const chosenIds = () => byPoints ? Object.keys(points).filter(id => points[id] > 0) : picked;
  const cost = () => chosenIds().reduce((sum, id) => sum + places.get(id).cost, 0);
  const given = () => Object.values(points).reduce((sum, one) => sum + one, 0);

  function pick(id) {
    const at = picked.indexOf(id);
    if (at >= 0) picked.splice(at, 1);
    else if (picked.length >= most) { tell(say("full", { most })); return; }
    else if (rules.max_sum_cost && cost() + places.get(id).cost > rules.max_sum_cost) { tell(say("too_dear", { left: won(rules.max_sum_cost - cost()) })); return; }
    else picked.push(id);
    draw();
  }
  function give(id, change) {
    let next = (points[id] ?? 0) + change;
    // Nothing lies between none and the least that may be given.
    if (next > 0 && next < leastPoints) next = change > 0 ? leastPoints : 0;
    if (next < 0 || next > mostPoints) return;
    if (sumPoints !== null && given() - (points[id] ?? 0) + next > sumPoints) { tell(say("no_points")); return; }
    if (!(points[id] > 0) && next > 0 && chosenIds().length >= most) { tell(say("full", { most })); return; }
    if (next) points[id] = next; else delete points[id];
    draw();
  }
  function move(id, by) {
    const at = picked.indexOf(id);
    picked.splice(at, 1);
    picked.splice(at + by, 0, id);
    draw();
    const again = document.querySelector(`#ranking [data-id="${CSS.escape(id)}"] [data-by="${by}"]:not([disabled])`);
    (again ?? document.querySelector(`#ranking [data-id="${CSS.escape(id)}"] button:not([disabled])`)).focus();
    tell(say("moved", { name: places.get(id).name, place: at + by + 1 }));
  }
  const tell = text => { byId("vote-told").textContent = text; };

  function controls() {
    for (const card of document.querySelectorAll("#ballot > li")) {
      const { id } = card.dataset, { name } = places.get(id), place = card.querySelector(".pick-place");
      if (byPoints) {
        const count = make("output", "0");
        place.append(button("−", say("less", { name }), () => give(id, -1)), count, button("+", say("more", { name }), () => give(id, 1)));
      } else place.append(button(words.add, null, () => pick(id)));
    }
  }
  function draw() {
    tell("");
    for (const card of document.querySelectorAll("#ballot > li")) {
      const { id } = card.dataset, { name } = places.get(id), at = picked.indexOf(id), chosen = byPoints ? points[id] > 0 : at >= 0;
      card.classList.toggle("in", chosen);
      if (byPoints) { card.querySelector("output").textContent = points[id] ?? 0; continue; }
      const it = card.querySelector(".pick");
      it.textContent = !chosen ? words.add : byOrder ? say("ranked", { place: at + 1 }) : words.added;
      it.setAttribute("aria-pressed", chosen);
      it.setAttribute("aria-label", `${name}: ${it.textContent}`);
    }
    if (byOrder) drawRanking();
    drawBasket();
    remember();
  }
  function drawRanking() {
    const rows = picked.map((id, at) => {
      const row = make("li"), { name } = places.get(id), up = button("▲", say("up", { name }), () => move(id, -1), "step"), down = button("▼", say("down", { name }), () => move(id, 1), "step");
      row.dataset.id = id;
      up.dataset.by = -1; down.dataset.by = 1;
      up.disabled = at === 0; down.disabled = at === picked.length - 1;
      row.append(make("span", name), up, down, button("✕", say("remove", { name }), () => { pick(id); byId("ranking-title").focus(); }, "step"));
      return row;
    });
    byId("ranking").replaceChildren(...rows);
    byId("ranking-empty").hidden = rows.length > 0;
  }
  function drawBasket() {
    const count = chosenIds().length, parts = [say("chosen", { count }), say("sum", { cost: won(cost()) })];
    if (byPoints && sumPoints !== null) parts.push(say("points_left", { left: sumPoints - given() }));
    else if (rules.max_sum_cost) parts.push(say("money_left", { left: won(rules.max_sum_cost - cost()) }));
    else if (most < places.size) parts.push(say("choices_left", { left: most - count }));
    byId("basket-words").textContent = parts.join(" · ");
    const share = budget ? Math.min(1, cost() / budget) : 0;
    byId("basket-bar").value = share;
    byId("basket-share").textContent = say("share", { percent: budget ? Math.round(cost() / budget * 100) : 0 });
  }
  function sift() {
    const wanted = byId("vote-q").value.trim().toLowerCase(), list = byId("ballot"), how = byId("vote-sort").value;
    const cards = [...list.children], by = { listed: card => places.get(card.dataset.id).at, cheap: card => places.get(card.dataset.id).cost, dear: card => -places.get(card.dataset.id).cost };
    cards.sort((a, b) => by[how](a) - by[how](b) || places.get(a.dataset.id).at - places.get(b.dataset.id).at);
    let shown = 0;
    for (const card of cards) {
      card.hidden = wanted !== "" && !card.dataset.words.toLowerCase().includes(wanted);
      shown += !card.hidden;
      list.append(card);
    }
    byId("vote-found").textContent = wanted ? say("found", { count: shown }) : "";
  }

  // ------------------------------------------------------------ the steps of the page
  function step(name) {
    for (const it of ["choose", "confirm", "sending", "done"]) byId(`step-${it}`).hidden = it !== name;
    byId("basket").hidden = name !== "choose";
    byId("before").hidden = name !== "choose";
    byId(`${name}-title`).focus();
    window.scrollTo(0, 0);
  }
  function lines(choice) {
    const ids = choice.approve ?? choice.order ?? Object.keys(choice.points);
    return ids.map(id => make("li", (choice.points ? say("with_points", { name: places.get(id).name, points: choice.points[id] }) : places.get(id).name) + ` · ${won(places.get(id).cost)}`));
  }
  function confirm() {
    const count = chosenIds().length;
    if (count < least) { tell(say("too_few", { least })); return; }
    if (byPoints && given() < (rules.min_sum_points ?? 0)) { tell(say("few_points", { least: rules.min_sum_points })); return; }
    const list = make(byOrder ? "ol" : "ul");
    list.append(...lines(choiceNow()));
    byId("confirm-list").replaceChildren(count ? list : make("p", words.empty));
    byId("confirm-again").hidden = !vote?.ballots.some(it => it.acked);
    step("confirm");
  }

  // ------------------------------------------------------------ sending
  class Refused extends Error {
    constructor(code, detail, data) { super(detail); this.code = code; this.data = data; }
  }
  async function post(url, value, options) {
    let answer;
    for (const wait of WAITS) {
      if (wait) { progress("again"); await new Promise(resolve => setTimeout(resolve, wait)); }
      try {
        answer = await fetch(url, { method: "POST", body: JSON.stringify(value), cache: "no-store", redirect: "error", ...options });
      } catch { answer = null; }
      if (answer && answer.status < 500) break;
    }
    if (!answer) throw new Refused("network", words.network);
    let told = null;
    try { told = await answer.json(); } catch { /* a page where an answer was due */ }
    if (!answer.ok) throw new Refused(told?.code ?? `http_${answer.status}`, told?.detail ?? words.refused, told?.data);
    return told;
  }
  const progress = name => { byId("sending-words").textContent = words[name]; };

  async function token() {
    if (!vote) { vote = { format: "madang-vote", version: 1, poll: header.poll, box: genesis, signature: "", ballots: [], ...await box.tokenDrawn(header.keys.token, header.turns) }; store(); }
    if (vote.signature) return;
    if (!signedIn) throw new Refused("sign_in", words.sign_in);
    progress("token");
    const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await post(urls.token, { blinded: vote.blinded }, { headers: { "Content-Type": "application/json", "X-CSRFToken": csrf } });
    vote.signature = await box.tokenFinished(header.keys.token, vote, answer.signature, header.turns);
    store();
  }
  /** Send a ballot that is kept already: the same body each time, so that a lost answer costs nothing. */
  async function deliver(ballot) {
    progress("sending");
    // Without cookies: the ballot arrives as from nobody.
    const answer = await post(urls.cast, { body: ballot.body, sealed: ballot.sealed }, { credentials: "omit", referrerPolicy: "no-referrer", headers: { "Content-Type": "application/json" } });
    if (answer.receipt !== ballot.receipt) throw new Refused("receipt", words.wrong_receipt);
    ballot.acked = true;
    store();
  }
  async function cast() {
    step("sending");
    byId("sending-failed").hidden = true;
    byId("sending-bar").hidden = false;
    try {
      await token();
      const last = vote.ballots.at(-1), choice = choiceNow();
      let ballot = last && !last.acked && box.canonical(last.choice) === box.canonical(choice) ? last : null;
      for (let turn = (last?.turn ?? 0) + (ballot ? 0 : 1); ; ) {
        if (turn > header.turns) throw new Refused("turns", words.turns_gone);
        if (!ballot) {
          progress("sealing");
          ballot = { turn, acked: false, ...await box.ballotMade(header, vote, turn, choice) };
          vote.ballots.push(ballot);
          store();
        }
        try { await deliver(ballot); break; } catch (error) {
          if (!(error instanceof Refused && ["turn_taken", "turn_old"].includes(error.code))) throw error;
          // Another device of this voter has voted since.
          vote.ballots.pop();
          turn = Math.max(turn, Number(error.data?.highest) || 0) + 1;
          ballot = null;
        }
      }
      done();
    } catch (error) { failed(error); }
  }
  function failed(error) {
    const signIn = error.code === "sign_in";
    byId("sending-bar").hidden = true;
    byId("sending-words").textContent = "";
    byId("sending-failed").hidden = false;
    byId("sending-why").textContent = error instanceof Refused ? error.message : words.broken;
    byId("sending-safe").textContent = unsent() ? words.safe : "";
    byId("sending-sign-in").hidden = !signIn;
    if (!(error instanceof Refused)) console.warn(error);
    byId("sending-retry").focus();
  }

  // ------------------------------------------------------------ the receipt
  function done() {
    const ballot = vote.ballots.findLast(it => it.acked);
    byId("receipt-number").textContent = box.receiptShown(ballot.receipt);
    byId("receipt-box").textContent = genesis.slice(0, 12);
    byId("receipt-check").href = `${urls.receipt}?number=${ballot.receipt.slice(0, 20)}`;
    byId("receipt-kept").textContent = kept ? words.kept : words.not_kept;
    const list = make(byOrder ? "ol" : "ul");
    list.append(...lines(ballot.choice));
    byId("receipt-choice").replaceChildren(list.children.length ? list : make("p", words.empty));
    before();
    step("done");
  }
  function before() {
    const times = vote ? vote.ballots.filter(it => it.acked).length : 0, waiting = unsent();
    byId("voted").hidden = !times;
    if (times) byId("voted-words").textContent = say("voted", { times, number: box.receiptShown(vote.ballots.findLast(it => it.acked).receipt) });
    byId("unsent").hidden = !waiting;
  }
  async function load(event) {
    const file = event.target.files[0];
    let value = null;
    try { value = JSON.parse(await file.text()); } catch { /* said below */ }
    if (!fits(value)) { byId("load-told").textContent = words.no_receipt; return; }
    vote = value;
    store();
    byId("load-told").textContent = words.loaded;
    chooseAgain(vote.ballots.at(-1)?.choice);
    draw();
    before();
  }
  function forget() {
    try { localStorage.removeItem(key); sessionStorage.removeItem(key); } catch { /* it was not kept */ }
    vote = null;
    location.reload();
  }

  async function start() {
    if (!box || !box.works()) { byId("vote-cannot").hidden = false; return; }
    genesis = await box.hexOf(box.canonical(header));
    const found = stored();
    vote = fits(found) ? found : null;
    chooseAgain(draft() ?? vote?.ballots.at(-1)?.choice);
    controls();
    byId("ranked").hidden = !byOrder;
    draw();
    before();
    byId("vote-q").addEventListener("input", sift);
    byId("vote-sort").addEventListener("change", sift);
    byId("basket-confirm").addEventListener("click", confirm);
    byId("confirm-back").addEventListener("click", () => step("choose"));
    byId("confirm-send").addEventListener("click", cast);
    byId("sending-retry").addEventListener("click", cast);
    byId("sending-back").addEventListener("click", () => step("choose"));
    byId("unsent-send").addEventListener("click", () => { chooseAgain(vote.ballots.at(-1).choice); draw(); cast(); });
    byId("receipt-keep").addEventListener("click", () => box.keep(`receipt-${header.poll}.json`, JSON.stringify(vote)));
    byId("receipt-print").addEventListener("click", () => window.print());
    byId("receipt-again").addEventListener("click", () => step("choose"));
    byId("load").addEventListener("change", load);
    byId("forget").addEventListener("click", () => { byId("forget-sure").hidden = false; byId("forget-now").focus(); });
    byId("forget-now").addEventListener("click", forget);
    byId("vote").hidden = false;
    byId("vote-wait").hidden = true;
  }
  start();
})();
