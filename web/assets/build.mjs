// Build web/static/build/: bundles and the sprite of icons with hashed names, a gzipped twin of each,
// and manifest.json (logical name -> file). The manifest is written last: a reader sees an old set
// or a new one.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(here, "../static/build");
const outlines = resolve(here, "../../node_modules/@tabler/icons/icons/outline");
const entries = ["app.ts", "sale.ts", "count.ts", "whatif.ts", "charts.ts", "records.ts", "board.ts", "app.css", "css/board.css", "fonts.css", "paper.css"];

await mkdir(out, { recursive: true });
const result = await build({
  absWorkingDir: here,
  entryPoints: entries,
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  // Browsers that know light-dark() and nesting are our floor; esbuild must not rewrite either.
  supported: { "color-functions": true, "nesting": true },
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file" },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
const made = new Set(["manifest.json"]);

async function keepGzipped(file, body) {
  await writeFile(join(out, `${file}.gz`), gzipSync(body, { level: 9 }));
  made.add(file).add(`${file}.gz`);
}

for (const [path, info] of Object.entries(result.metafile.outputs)) {
  const file = basename(path);
  made.add(file);
  if (info.entryPoint) {
    manifest[basename(info.entryPoint).replace(/\.ts$/, ".js")] = file;
  }
  if (/^noto-sans-sc-latin-wght/.test(file)) manifest["latin.woff2"] = file; // fetched with the page
  if (/\.(js|css)$/.test(file)) {
    await keepGzipped(file, await readFile(join(out, file)));
  }
}

// The sprite holds the icons that icons.txt names; colour and stroke are the page's own.
const names = (await readFile(join(here, "icons.txt"), "utf8")).trim().split("\n");
const symbols = await Promise.all(
  names.map(async (name) => {
    const svg = await readFile(join(outlines, `${name}.svg`), "utf8");
    const lines = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${lines.replace(/\s*\n\s*/g, "")}</symbol>`;
  }),
);
const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
const hash = createHash("sha256").update(sprite).digest("hex").slice(0, 8).toUpperCase();
manifest["icons.svg"] = `icons-${hash}.svg`;
await writeFile(join(out, manifest["icons.svg"]), sprite);
await keepGzipped(manifest["icons.svg"], sprite);

await writeFile(join(out, "manifest.part"), `${JSON.stringify(manifest, null, 1)}\n`);
await rename(join(out, "manifest.part"), join(out, "manifest.json"));
for (const file of await readdir(out)) {
  if (!made.has(file)) await rm(join(out, file), { recursive: true });
}
console.log(`assets: ${Object.keys(manifest).length} bundles, ${made.size} files in web/static/build`);
