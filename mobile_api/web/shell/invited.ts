/** What a QR code of the desk brought: the organisation and a one-time code, behind `#`, which is cleared before anything else is done. */

const told = new URLSearchParams(location.hash.slice(1));

/** Empty when no code was brought. */
export const invited = { organisation: told.get("organisation") ?? "", code: told.get("code") ?? "" };

if (invited.code !== "") history.replaceState(history.state, "", location.pathname + location.search);
