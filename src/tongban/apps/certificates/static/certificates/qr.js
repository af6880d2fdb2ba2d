// Checks the signature in the QR code of a certificate, here in the browser: nothing that was scanned is sent anywhere.
//
// The text is https://site/certificates/verify/CODE/#1.<payload>.<signature>; the format is described in docs/reference/certificates.md.
// A page that was opened by scanning finds it behind its own "#"; the page for places without a network is given it by hand.

"use strict";

(() => {
  const CONTEXT = "tongban-certificate-1:";
  const ROOT = "1.2.156.3005.2.";
  const LONGEST = 4000;

  const octets = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

  const day = (number) => {
    const text = String(number);
    return number === 0 ? "" : `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  };

  const read = (text) => {
    if (text.length > LONGEST) throw new Error("too long");
    const [version, payload, signature, ...rest] = text.trim().split("#").pop().split(".");
    if (version !== "1" || !signature || rest.length) throw new Error("not one of ours");
    const bytes = octets(payload);
    const said = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const [kid, kind, identifier, number, name, holder, organ, first, last, receiver = "", purpose = ""] = said;
    if (said.length !== (kind ? 11 : 9)) throw new Error("not one of ours");
    const words = { identifier: ROOT + identifier, number, name, holder, organ, validFrom: day(first), validTo: day(last), receiver, purpose };
    return { kid, words, bytes, signature: octets(signature) };
  };

  const check = async (text, keys) => {
    const found = read(text);
    const key = keys.find((each) => each.kid === found.kid);
    if (!key) return { verdict: "unknown-key", words: found.words };
    const { kty, crv, x, y } = key;
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const imported = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, algorithm, false, ["verify"]);
    const context = new TextEncoder().encode(CONTEXT);
    const signed = new Uint8Array(context.length + found.bytes.length);
    signed.set(context);
    signed.set(found.bytes, context.length);
    const isGenuine = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, found.signature, signed);
    if (!isGenuine) return { verdict: "forged", words: found.words };
    const now = new Date();
    const today = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
    const isOver = found.words.validTo && today > found.words.validTo;
    return { verdict: isOver ? "expired" : "genuine", words: found.words };
  };

  const show = (box, { verdict, words }) => {
    box.hidden = false;
    for (const each of box.querySelectorAll("[data-qr-verdict]")) each.hidden = each.dataset.qrVerdict !== verdict;
    // What nobody signed is not shown as if somebody had.
    box.querySelector("[data-qr-words]").hidden = !["genuine", "expired"].includes(verdict);
    for (const cell of box.querySelectorAll("[data-qr]")) {
      cell.textContent = (words && words[cell.dataset.qr]) || cell.dataset.none || "";
    }
    box.querySelector("[data-qr-copy]").hidden = !(words && words.receiver);
  };

  const box = document.querySelector("[data-qr-check]");
  if (!box) return;
  const { keys } = JSON.parse(box.dataset.keys);

  const run = async (text) => {
    try {
      show(box, await check(text, keys));
    } catch {
      show(box, { verdict: "unreadable" });
    }
  };

  const form = document.querySelector("[data-qr-form]");
  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(form.elements.text.value);
    });
  }
  if (location.hash.length > 1) {
    const scanned = location.hash;
    if (form) form.elements.text.value = scanned;
    run(scanned);
  }
})();
