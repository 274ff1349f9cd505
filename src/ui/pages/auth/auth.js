// The script of the pages without the app. Comment lines are not served.
(() => {
  const { waits, channel: name, query, answer, redirected } = document.currentScript.dataset;

  // A second press would register or sign in twice.
  let sent = false;
  addEventListener("submit", (event) => {
    if (sent) return event.preventDefault();
    sent = true;
    // The browser may stop the request.
    setTimeout(() => (sent = false), 5000);
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    sent = false;
    document.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });

  if (waits !== "true") return;
  // If the server agrees: another tab may use a session whose cookie this one does not have. As GET,
  // also if this page is the response to a form.
  const goOnIfSignedIn = async () => {
    const headers = { "content-type": "application/json" };
    const me = await fetch("/api/me", { method: "POST", headers, body: "{}" }).catch(() => null);
    if (me?.ok) location.replace(location.href);
  };
  let wasRedirected = false;
  try {
    wasRedirected = sessionStorage.getItem(redirected) !== null;
    sessionStorage.removeItem(redirected);
  } catch {
    // Storage is blocked: then nothing was stored.
  }
  // The cookie of a new session may be set just after the old one has ended.
  if (wasRedirected) [1000, 3000, 9000].forEach((delay) => setTimeout(goOnIfSignedIn, delay));
  if (!window.BroadcastChannel) return;
  const channel = new BroadcastChannel(name);
  const ask = () => channel.postMessage(query);
  channel.addEventListener("message", (event) => event.data === answer && goOnIfSignedIn());
  for (const wake of ["online", "focus", "pageshow"]) addEventListener(wake, ask);
  document.addEventListener("visibilitychange", ask);
  ask();
})();
