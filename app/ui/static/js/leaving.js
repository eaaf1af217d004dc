// Nothing stays on the screen after a sign-out: other windows are wiped as <form action="…/sign-out"> is sent, and a
// page that the browser kept in memory is asked for anew.
(() => {
  const leaves = "form[action$='/sign-out']";
  const others = "BroadcastChannel" in window ? new BroadcastChannel("signing out") : null;

  function wipe() {
    document.title = "";
    document.body.replaceChildren();
  }
  const again = () => location.reload();

  if (others) {
    others.onmessage = () => {
      wipe();
      // By the time somebody looks, the session has ended; where it has not, the page comes back.
      if (document.visibilityState === "visible") setTimeout(again, 2000);
      else addEventListener("visibilitychange", again, { once: true });
    };
    addEventListener("submit", ({ target, defaultPrevented }) => {
      if (!defaultPrevented && target.matches(leaves)) others.postMessage("");
    });
  }
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    wipe();
    again();
  });
})();
