#!/usr/bin/env node
// The command line: words in, one of its commands, an exit code out. 0: done; 1: the job failed, one sentence on
// standard error says why; 2: wrong usage. Built to out/main/cli.js, which package.json's `bin` names.
import { Command, CommanderError } from 'commander'
import { appVersion } from '../host-info.ts'
import { defineCompletion } from './completion.ts'
import { defineConnect } from './connect.ts'
import { defineExport } from './export.ts'
import { defineImport } from './import.ts'
import { defineInfo } from './info.ts'
import { defineLesson } from './lesson.ts'
import { defineListen } from './listen.ts'
import { done, type Outcome, type Run } from './outcome.ts'
import { defineRelay } from './relay.ts'
import { defineReplay } from './replay.ts'
import { defineOpen, defineServe } from './serve.ts'

const wrongUsage = 2

let outcome: Outcome = done
const run: Run = async (work) => {
  outcome = await work()
}

const program = new Command('wireloop')
  .description('Watch and work TCP connections: every event of every socket, one line each.')
  .version(appVersion, '--version', 'print the version')
  .helpOption('--help', 'print this help')
  .exitOverride()
  .showHelpAfterError('(--help after the command shows how it is used)')
for (const define of [
  defineListen,
  defineConnect,
  defineRelay,
  defineServe,
  defineOpen,
  defineInfo,
  defineExport,
  defineImport,
  defineReplay,
  defineLesson,
  defineCompletion,
])
  define(program, appVersion, run)

// A terminal that has gone is no reason to fail while saying so.
process.stderr.on('error', () => {})

try {
  await program.parseAsync()
  if (outcome.message !== null) process.stderr.write(`wireloop: ${outcome.message}\n`)
  // Not left to the event loop: a write that a stalled reader never takes would keep it alive.
  process.exit(outcome.code)
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // The parser has printed what was wrong. It exits 0 for --help and --version.
  process.exitCode = error.exitCode === 0 ? 0 : wrongUsage
}
