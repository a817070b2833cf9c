// A council member's keys are made and used here, in the browser; only public halves, signatures and the opened share are sent.
"use strict";
(() => {
  const box = globalThis.MadangBox, byId = id => document.getElementById(id);
  const data = JSON.parse(byId("trustee-data").textContent), { words } = data;
  const fits = file => file && file.format === "madang-trustee-key" && file.version === 1 && file.poll === data.poll && file.sign && file.box;

  async function keyFile(input) {
    try {
      const value = JSON.parse(await input.files[0].text());
      return fits(value) ? value : null;
    } catch { return null; }
  }
  function fill(form, values, told) {
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
    form.querySelector("[type=submit], button:not([type])").disabled = false;
    told.textContent = words.ready;
  }
  function act(name, make) {
    const form = byId(`trustee-${name}`), input = byId(`${name}-key`), told = byId(`${name}-told`);
    if (!form) return;
    form.querySelector("[type=submit], button:not([type])").disabled = true;
    input.addEventListener("change", async () => {
      const file = await keyFile(input);
      if (!file) { told.textContent = words.no_key; return; }
      try { fill(form, await make(file), told); } catch { told.textContent = words.wrong_key; }
    });
  }

  if (!box || !box.works()) { byId("trustee-cannot").hidden = false; return; }
  byId("trustee").hidden = false;
  const register = byId("trustee-register");
  if (register) {
    register.querySelector("[type=submit], button:not([type])").disabled = true;
    byId("register-make").addEventListener("click", async () => {
      const file = await box.trusteeDrawn(data.poll);
      box.keep(`trustee-key-${data.poll}.json`, JSON.stringify(file));
      fill(register, { sign: file.sign.public, box: file.box.public }, byId("register-told"));
      byId("register-told").textContent = words.made;
    });
  }
  act("sign", async file => ({ seq: data.seq, head: data.head, signature: await box.headSigned(file, data.poll, data.seq, data.head) }));
  act("share", async file => ({ share: await box.shareOpened(file, data.poll, data.trustee, data.sealed) }));
})();
