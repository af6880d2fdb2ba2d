// Asks the browser for a security key and sends its answer with the form. The page says what to do without script.
(() => {
  const form = document.querySelector("form[data-webauthn]");
  if (!form || !window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const create = async (question) => {
    const key = await navigator.credentials.create({
      publicKey: {
        ...question,
        challenge: bytes(question.challenge),
        user: { ...question.user, id: bytes(question.user.id) },
        excludeCredentials: known(question.excludeCredentials),
      },
    });
    return { key, response: { attestationObject: text(key.response.attestationObject) } };
  };

  const get = async (question) => {
    const key = await navigator.credentials.get({
      publicKey: { ...question, challenge: bytes(question.challenge), allowCredentials: known(question.allowCredentials) },
    });
    const { authenticatorData, signature, userHandle } = key.response;
    const response = { authenticatorData: text(authenticatorData), signature: text(signature) };
    if (userHandle) response.userHandle = text(userHandle);
    return { key, response };
  };

  const failed = form.querySelector("[data-webauthn-failed]");
  form.querySelector("[data-webauthn-start]").addEventListener("click", async () => {
    failed.hidden = true;
    try {
      const ask = form.dataset.webauthn === "create" ? create : get;
      const { key, response } = await ask(JSON.parse(form.dataset.question));
      form.elements.answer.value = JSON.stringify({
        id: key.id,
        rawId: text(key.rawId),
        type: key.type,
        clientExtensionResults: key.getClientExtensionResults(),
        response: { clientDataJSON: text(key.response.clientDataJSON), ...response },
      });
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
})();
