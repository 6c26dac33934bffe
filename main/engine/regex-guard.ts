// Keeps a regular expression of a person's and bytes of a peer's from stopping the loop together: one that backtracks more
// than 50,000 times is matched anew by V8's other engine, which takes a step a byte. Counterpart:
// preload/contract/pattern-parts.ts (what is matched, and how much of it). Expressions with backreferences or lookarounds are
// beyond that engine and go on backtracking. To be imported before the first expression is compiled.
import v8 from 'node:v8'

v8.setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
