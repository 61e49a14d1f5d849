// Node's loader hook that plants the bug: it changes one file's source on its way in.

let bug;

export function initialize(given) {
  bug = given;
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (url.split("?")[0] !== bug.url) return loaded;
  const parts = String(loaded.source).split(bug.find);
  if (parts.length !== 2) {
    throw new Error(`planted bug ${bug.name}: its text stands ${parts.length - 1} times in ${bug.file}, not once`);
  }
  return { ...loaded, source: parts.join(bug.put) };
}
