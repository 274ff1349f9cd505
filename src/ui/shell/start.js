// Loads the app and starts it. Lines of comment are not served.
const start = async (script, wasm, showsPart) => {
  const compile = async () => WebAssembly.compile(await (await fetch(wasm)).arrayBuffer());
  let timer;
  // In Firefox a streaming compilation now and then never settles, in the first load of a page.
  const late = new Promise((resolve) => (timer = setTimeout(resolve, 5000))).then(compile);
  const streamed = WebAssembly.compileStreaming(fetch(wasm)).catch(compile);
  const [app, module] = await Promise.all([import(script), Promise.race([streamed, late])]);
  clearTimeout(timer);
  await app.default({ module_or_path: module });
  app.hydrate(showsPart);
};
