// The environment of threads that run code which is not ours: nothing but where Node caches what it compiles. Counterparts:
// scripts/script-runner.ts, ../lesson-host.ts.

/** Where sources run unbuilt, a thread without the cache strips their types in WebAssembly: see scripts/messages.ts. */
export const threadEnv = (): Record<string, string> => {
  const cache = process.env['NODE_COMPILE_CACHE']
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }
}
