// Build web/static/build/: bundles with hashed names, a gzipped twin of each, and manifest.json
// (logical name -> file). The manifest is written last: a reader sees an old set or a new one.
import { build } from "esbuild";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(here, "../static/build");
const entries = ["app.ts", "sale.ts", "charts.ts", "app.css", "fonts.css"];

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
for (const [path, info] of Object.entries(result.metafile.outputs)) {
  const file = basename(path);
  made.add(file);
  if (info.entryPoint) {
    manifest[basename(info.entryPoint).replace(/\.ts$/, ".js")] = file;
  }
  if (/\.(js|css)$/.test(file)) {
    const body = await readFile(join(out, file));
    await writeFile(join(out, `${file}.gz`), gzipSync(body, { level: 9 }));
    made.add(`${file}.gz`);
  }
}
await writeFile(join(out, "manifest.part"), `${JSON.stringify(manifest, null, 1)}\n`);
await rename(join(out, "manifest.part"), join(out, "manifest.json"));
for (const file of await readdir(out)) {
  if (!made.has(file)) await rm(join(out, file), { recursive: true });
}
console.log(`assets: ${Object.keys(manifest).length} bundles, ${made.size} files in web/static/build`);
