// Queues input before the app is interactive, shows it as pending, and replays it in order after
// hydration. Comment lines are not served. Hydration takes over the rendered markup, so this script
// must not add or remove anything inside it.
(() => {
  const { loading, failed, reload } = document.currentScript.dataset;
  const waiting = [], changed = new Map();
  let query = null;
  const composer = () => document.querySelector(".composer textarea");
  const isTouch = matchMedia("(pointer: coarse)").matches;

  const say = (text, link) => {
    const place = document.getElementById("early");
    if (!place) return document.addEventListener("DOMContentLoaded", () => say(text, link), { once: true });
    const line = document.createElement("p");
    line.className = link ? "toast" : "toast soon";
    line.append(text);
    if (link) line.append(Object.assign(document.createElement("a"), { href: location.href, className: "button quiet small", textContent: link }));
    place.replaceChildren(...(text ? [line] : []));
  };
  const wait = (element, act, text) => {
    element?.setAttribute("aria-busy", "true");
    if (act && !waiting.some((one) => one.element && one.element === element && one.text === text)) waiting.push({ element, act, text });
    say(loading);
  };
  const end = () => {
    document.querySelectorAll("[aria-busy=true]").forEach((element) => element.removeAttribute("aria-busy"));
    query = null;
    say("");
    return waiting.splice(0);
  };

  const take = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const click = (event) => {
    const pressed = event.target.closest("a[href], button");
    if (!pressed || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (pressed.href) {
      const leaves = pressed.getAttribute("href")[0] !== "#";
      if (pressed.target || (!leaves && pressed.hash.length > 1)) return;
      // A link works without the app, but would lose typed text and queued input.
      if (leaves && !waiting.length && !composer()?.value) return wait(pressed);
    } else if (pressed.type === "submit" && pressed.form) {
      return;
    } else if (pressed.previousElementSibling?.type === "file") {
      // Browsers open a file chooser only shortly after a press.
      take(event);
      return pressed.previousElementSibling.click();
    }
    take(event);
    wait(pressed, () => pressed.click());
  };
  const submit = (event) => {
    const form = event.target, button = form.querySelector("[type=submit], button:not([type])");
    // The server handles the form without the app.
    if (form.hasAttribute("action")) return wait(button);
    take(event);
    const field = form.contains(composer()) && composer();
    if (!field) return wait(button, () => form.requestSubmit());
    // Sends the text that is in the field now; later typing stays.
    if (field.value.trim()) wait(button, () => form.requestSubmit(), field.value);
  };
  const keydown = (event) => {
    const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
    if (event.isComposing || event.keyCode === 229) return;
    const command = ctrlKey || metaKey, isField = target.matches?.("input, textarea, select");
    const isPlain = !command && !altKey && key.length === 1;
    const press = (element) => () =>
      (element ?? document.activeElement).dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, metaKey, shiftKey, altKey, bubbles: true, cancelable: true }));
    if (key === "Escape") return void end();
    if (query !== null) {
      // Keys after Ctrl+K go to the switcher only.
      if (isPlain) query += key;
      if (key === "Backspace") query = query.slice(0, -1);
      return take(event);
    }
    if (target === composer() && key === "Enter" && !shiftKey && !isTouch) {
      const fences = target.value.slice(0, target.selectionEnd).match(/^ {0,3}(```|~~~)/gm) ?? [];
      if (fences.length % 2) return;
      take(event);
      return target.form.requestSubmit();
    }
    if (target.matches?.("input") && key === "Enter" && !target.form) return wait(null, press(target));
    if (command && !shiftKey && key === "k") {
      take(event);
      query = "";
      return wait(null, press());
    }
    const isKnown = (command && shiftKey && /^f$/i.test(key)) || key === "F6" || (altKey && /^Arrow(Up|Down)$/.test(key)) || (key === "?" && !isField && isPlain);
    if (isKnown) {
      take(event);
      return wait(null, press());
    }
    if (isPlain && key !== " " && !isField && composer()?.offsetWidth) composer().focus();
  };
  const change = ({ target }) => {
    if (target !== composer() && !target.form?.hasAttribute("action")) changed.set(target, [target.value, target.checked]);
  };

  const restore = () => {
    for (const [field, [value, checked]] of changed) {
      const isBox = /^(checkbox|radio)$/.test(field.type);
      if (isBox) field.checked = checked;
      else if (field.type !== "file") field.value = value;
      for (const name of isBox || field.type === "file" ? ["change"] : ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
    }
  };
  const sendAll = (field, sends) => {
    const [all, start, stop] = [field.value, field.selectionStart, field.selectionEnd];
    const put = (value) => {
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    for (const { act, text } of sends) {
      // A queued text that was changed since stays in the field.
      if (!all.startsWith(text)) break;
      put(text);
      act();
    }
    put(all);
    field.setSelectionRange(start, stop);
  };
  const replay = async () => {
    const search = query, asked = end(), sends = asked.filter((one) => one.text), field = composer();
    restore();
    if (sends.length && field) sendAll(field, sends);
    for (const { act, text } of asked) {
      if (text) continue;
      // Send the message before another view replaces the field.
      for (let n = 0; n < 60 && sends.length && field?.isConnected && field.value.startsWith(sends[0].text); n++) await new Promise((go) => setTimeout(go, 50));
      act();
    }
    if (search) requestAnimationFrame(() => setTimeout(() => document.execCommand("insertText", false, search)));
  };

  const listeners = { click, submit, keydown, input: change, change };
  for (const name in listeners) addEventListener(name, listeners[name], true);
  const stop = () => {
    for (const name in listeners) removeEventListener(name, listeners[name], true);
  };
  addEventListener("pageshow", (event) => event.persisted && end());
  document.addEventListener("chatbox-failed", () => {
    stop();
    end();
    say(failed, reload);
  });
  new MutationObserver((_, observer) => {
    if (!document.body?.hasAttribute("data-hydrated")) return;
    observer.disconnect();
    stop();
    // After the app's own effects.
    setTimeout(replay);
  }).observe(document.documentElement, { attributes: true, subtree: true, attributeFilter: ["data-hydrated"] });
})();
