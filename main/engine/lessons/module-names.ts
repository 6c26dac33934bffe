// What a lesson may import. Counterparts: modules.ts (what the names stand for), ../../lesson-code.ts (refuses others).

/** `wireloop` is the loop core; the rest is Node's, as far as a lesson about loops and sockets has use for it. */
export const lessonModules: readonly string[] = [
  'wireloop',
  'node:buffer',
  'node:events',
  'node:net',
  'node:perf_hooks',
  'node:process',
  'node:timers',
  'node:timers/promises',
  'node:util',
]
