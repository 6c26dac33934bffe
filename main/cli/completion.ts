// `wireloop completion SHELL`: a script that completes commands, options and their words in bash, zsh or fish, made from the
// commands as they are defined, so that none is forgotten. Counterparts: every other file here that defines a command.
import { Argument, type Command } from 'commander'
import { done, type Run } from './outcome.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

interface Flag {
  readonly long: string
  readonly short: string | null
  readonly takesValue: boolean
  readonly choices: readonly string[]
  readonly help: string
}

interface Completed {
  readonly name: string
  readonly help: string
  readonly flags: readonly Flag[]
  /** Words of its first argument, where there is a list of them. */
  readonly words: readonly string[]
}

const describe = (command: Command): Completed => {
  const flags = command.options.map(
    (option): Flag => ({
      long: option.long ?? '',
      short: option.short ?? null,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
      help: option.description,
    }),
  )
  const help: Flag = { long: '--help', short: null, takesValue: false, choices: [], help: 'print this help' }
  return {
    name: command.name(),
    help: command.summary(),
    flags: [...flags.filter(({ long }) => long !== ''), help],
    words: command.registeredArguments[0]?.argChoices ?? [],
  }
}

const bash = (commands: readonly Completed[]): string => {
  const one = ({ name, flags, words }: Completed): string => {
    const values = flags
      .filter(({ choices }) => choices.length > 0)
      .map(({ long, choices }) => `        ${long}) words='${choices.join(' ')}' ;;`)
    const files = flags
      .filter(({ takesValue, choices }) => takesValue && choices.length === 0)
      .flatMap(({ long, short }) => (short === null ? [long] : [long, short]))
    return [
      `    ${name})`,
      '      case $before in',
      ...values,
      ...(files.length === 0 ? [] : [`        ${files.join('|')}) words='' ;;`]),
      `        *) words='${[...words, ...flags.map(({ long }) => long)].join(' ')}' ;;`,
      '      esac ;;',
    ].join('\n')
  }
  return `# Completion of wireloop in bash: eval "$(wireloop completion bash)"
_wireloop() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=''
  if ((COMP_CWORD == 1)); then
    words='${commands.map(({ name }) => name).join(' ')} --help --version'
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(one).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
# What is none of these words is taken for the name of a file.
complete -o default -F _wireloop wireloop
`
}

/** In single quotes, and without what _arguments reads as its own. */
const zshText = (text: string): string => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, '\\$&')

const zsh = (commands: readonly Completed[]): string => {
  const flag = ({ long, takesValue, choices, help }: Flag): string => {
    const value = !takesValue ? '' : choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:_files'
    return `        '*${long}[${zshText(help)}]${value}' \\`
  }
  const one = ({ name, flags, words }: Completed): string =>
    [
      `    ${name})`,
      '      _arguments -S \\',
      ...flags.map(flag),
      `        '*:argument:${words.length > 0 ? `(${words.join(' ')})` : '_files'}' ;;`,
    ].join('\n')
  return `#compdef wireloop
# Completion of wireloop in zsh: eval "$(wireloop completion zsh)", or this in a file _wireloop of your fpath
_wireloop() {
  local -a commands=(
${commands.map(({ name, help }) => `    '${name}:${zshText(help)}'`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  words=("\${(@)words[2,-1]}")
  ((CURRENT--))
  case $command in
${commands.map(one).join('\n')}
  esac
}
compdef _wireloop wireloop
`
}

const fishText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const fish = (commands: readonly Completed[]): string => {
  const one = ({ name, help, flags, words }: Completed): string[] => [
    `complete -c wireloop -n __fish_use_subcommand -f -a ${name} -d ${fishText(help)}`,
    ...(words.length === 0
      ? []
      : [`complete -c wireloop -n '__fish_seen_subcommand_from ${name}' -f -a ${fishText(words.join(' '))}`]),
    ...flags.map(
      ({ long, short, takesValue, choices, help: said }) =>
        `complete -c wireloop -n '__fish_seen_subcommand_from ${name}' -l ${long.slice(2)}` +
        (short === null ? '' : ` -s ${short.slice(1)}`) +
        (takesValue ? (choices.length > 0 ? ` -x -a ${fishText(choices.join(' '))}` : ' -r') : '') +
        ` -d ${fishText(said)}`,
    ),
  ]
  return `# Completion of wireloop in fish: wireloop completion fish | source
${commands.flatMap(one).join('\n')}
`
}

const scripts: Readonly<Record<Shell, (commands: readonly Completed[]) => string>> = { bash, zsh, fish }

/** Defined last: it tells of all commands that are there by then, and of itself. */
export const defineCompletion = (program: Command, version: string, run: Run): void => {
  program
    .command('completion')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .summary('print a script that completes this command in a shell')
    .description('Prints a script for a shell, which then completes commands, options and their words.')
    .addArgument(new Argument('<SHELL>', 'which shell').choices(shells))
    .action((shell: Shell) =>
      run(async () => {
        process.stdout.write(scripts[shell](program.commands.map(describe)))
        return done
      }),
    )
}
