// Passkeys: asks the server for options, the browser for a credential, and hands the credential to the server. A button of this kind is
// hidden in the page and shown here, because without scripts or support it can do nothing.
const supported =
  typeof PublicKeyCredential === "function" &&
  typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function" &&
  typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";

async function post(address, token, body) {
  const response = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", RequestVerificationToken: token },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Error(`${address} answered ${response.status}`);
  }
  return response.json();
}

async function run(box) {
  const token = box.querySelector('input[name="__RequestVerificationToken"]').value;
  const answer = await post(box.dataset.options, token, {});
  if (answer.next) {
    location.assign(answer.next);
    return;
  }
  const credential = box.hasAttribute("data-create")
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(answer.options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(answer.options) });
  const name = box.querySelector('input[name="name"]')?.value;
  const result = await post(box.dataset.finish, token, {
    credential: credential.toJSON(),
    name: name ?? null,
    returnUrl: box.dataset.returnUrl ?? null,
  });
  location.assign(result.next);
}

if (supported) {
  for (const box of document.querySelectorAll("[data-passkey]")) {
    const button = box.querySelector("button");
    const error = box.querySelector(".error");
    button.addEventListener("click", async () => {
      error.hidden = true;
      button.disabled = true;
      try {
        await run(box);
      } catch {
        error.textContent = box.dataset.error;
        error.hidden = false;
      } finally {
        button.disabled = false;
      }
    });
    box.hidden = false;
  }
}
