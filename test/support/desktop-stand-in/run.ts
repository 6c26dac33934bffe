// The stand-in's process, in Electron's place: `node run.ts MAIN PROFILE` runs the built main module MAIN with `electron` resolved to
// electron.ts, and Chromium on the profile folder PROFILE. Counterpart: driver.ts, which starts it.
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { app } from './app.ts'
import { onOrder } from './control.ts'
import { BrowserWindow } from './window.ts'

const [main, profile, ...words] = process.argv.slice(2)
if (main === undefined || profile === undefined) throw new Error('usage: node run.ts MAIN PROFILE')

const standIn = new URL('./electron.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context),
})

onOrder((order) => {
  if (order.order === 'quit') app.quit()
  else if (order.order === 'exit') app.exit(0)
  else if (order.order === 'load') for (const window of BrowserWindow.getAllWindows()) void window.loadURL(order.url)
})

// As Electron has it: the app, then what the person wrote behind it.
process.argv = [process.execPath, main, ...words]
await app.launch(profile)
await import(pathToFileURL(main).href)
app.mainEnded()
