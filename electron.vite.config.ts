// Builds the three sides of the app into out/: main (desktop entry, command line, engine thread), preload and renderer.
// Everything is bundled, so that a packaged app needs no node_modules beside it; only `electron` itself stays external.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

/** The oldest Node that `out/main/cli.js` must run on; Electron 45 embeds a newer one. */
const nodeTarget = 'node20'

/** The `open` package declares a `__dirname` of its own, and electron-vite puts its CommonJS shim's beside it. */
const renameDirnameOfOpen = {
  name: 'rename-dirname-of-open',
  transform: (code: string, id: string) =>
    id.includes('/node_modules/open/') ? code.replaceAll('__dirname', 'openFolder') : null,
}

/** The lessons' texts, as they are: they are shown, and run from their text. */
const lessonTexts = {
  name: 'lesson-texts',
  generateBundle(this: { emitFile: (file: { type: 'asset'; fileName: string; source: string }) => void }) {
    for (const path of globSync('main/engine/lessons/code/*.ts'))
      this.emitFile({ type: 'asset', fileName: `lessons/${basename(path)}`, source: readFileSync(path, 'utf8') })
  },
}

export default defineConfig({
  main: {
    plugins: [renameDirnameOfOpen, lessonTexts],
    build: {
      outDir: 'out/main',
      target: nodeTarget,
      externalizeDeps: false,
      rollupOptions: {
        input: {
          index: 'main/index.ts',
          cli: 'main/cli/index.ts',
          engine: 'main/engine/thread.ts',
          lesson: 'main/engine/lessons/thread.ts',
          archive: 'main/archive/thread.ts',
          script: 'main/scripts/thread.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      // A sandboxed preload is one CommonJS file: with "type": "module" it must end in .cjs or Electron refuses it.
      rollupOptions: {
        input: { index: 'preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    build: {
      outDir: 'out/renderer',
      target: 'chrome140',
      // electron-vite leaves it out; the page is a third of the size with it, over serve too.
      minify: true,
      // Strict CSP: nothing inlined as data: URLs but what the policy names.
      assetsInlineLimit: 0,
      rollupOptions: { input: 'renderer/index.html' },
    },
    plugins: [react()],
  },
})
