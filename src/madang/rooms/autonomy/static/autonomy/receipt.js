// Reads the receipt number out of a receipt file, so that nobody has to copy twenty digits.
"use strict";
(() => {
  const input = document.getElementById("receipt-file"), form = document.querySelector("form.receipt-form"), told = document.getElementById("receipt-told");
  document.getElementById("receipt-file-field").hidden = false;
  input.addEventListener("change", async () => {
    let ballot = null;
    try { ballot = JSON.parse(await input.files[0].text()).ballots.findLast(it => it.acked); } catch { /* said below */ }
    if (!ballot || !/^[0-9a-f]{64}$/.test(ballot.receipt)) { told.textContent = input.dataset.wrong; return; }
    form.elements.number.value = ballot.receipt.slice(0, 20);
    form.submit();
  });
})();
