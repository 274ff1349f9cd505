// Loads the app and starts it. Lines of comment are not served.
// A page that is hidden is not painted.
const painted = new Promise((resolve) => {
  if (document.hidden) resolve();
  document.addEventListener("visibilitychange", resolve);
  setTimeout(resolve, 3000);
  try {
    // The first paint may be the background alone.
    const name = "first-contentful-paint";
    new PerformanceObserver((list) => list.getEntriesByName(name).length && resolve())
      .observe({ type: "paint", buffered: true });
  } catch {
    resolve();
  }
});
const start = async (script, wasm, showsPart) => {
  // The code would delay the first paint: it takes most of a slow network, and compiling it takes
  // most of a slow processor.
  await painted;
  const compile = async () => WebAssembly.compile(await (await fetch(wasm)).arrayBuffer());
  let timer;
  // In Firefox a streaming compilation now and then never settles, in the first load of a page.
  const late = new Promise((resolve) => (timer = setTimeout(resolve, 5000))).then(compile);
  const streamed = WebAssembly.compileStreaming(fetch(wasm)).catch(compile);
  const [app, module] = await Promise.all([import(script), Promise.race([streamed, late])]);
  clearTimeout(timer);
  await app.default({ module_or_path: module });
  // Several short tasks keep the page responsive where one long one would not.
  const nextTask = () => new Promise((resolve) => setTimeout(resolve));
  await nextTask();
  // The framework's list of embedded values; the initial state is the only one.
  app.decode_initial_state(window.__RESOLVED_RESOURCES?.[0] ?? "");
  await nextTask();
  app.hydrate(showsPart);
};
