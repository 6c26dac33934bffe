// A select: one of a list, with an optional line of help per choice. Built on Base UI's select.
import { Select } from '@base-ui/react/select'
import { Check, ChevronDown } from 'lucide-react'
import { type ReactNode, useId } from 'react'

export interface ChoiceOption<T> {
  readonly value: T
  /** Plain words, also what is announced. */
  readonly text: string
  /** Shown in place of `text` where it needs more than words. */
  readonly content?: ReactNode
  readonly help?: string
  /** More lines under the help: figures. */
  readonly more?: readonly string[]
  /** Choices of one group stand under its name. */
  readonly group?: string
}

export interface ChoiceProps<T extends string | number> {
  readonly label: string
  /** Id of a visible label; else `label` is the accessible name. */
  readonly labelId?: string
  readonly id?: string
  readonly value: T | null
  readonly options: readonly ChoiceOption<T>[]
  /** Shown where nothing is chosen. */
  readonly empty?: string
  readonly disabled?: boolean
  /** As tall and wide as a text field. */
  readonly fieldSized?: boolean
  readonly className?: string
  /** Stands under the list: where its figures come from. */
  readonly note?: string
  /** Stands before the chosen text. */
  readonly prefix?: ReactNode
  readonly side?: 'top' | 'bottom'
  onChange(value: T): void
}

const groupsOf = <T,>(options: readonly ChoiceOption<T>[]): [string | undefined, ChoiceOption<T>[]][] => {
  const groups = new Map<string | undefined, ChoiceOption<T>[]>()
  for (const option of options) groups.set(option.group, [...(groups.get(option.group) ?? []), option])
  return [...groups]
}

export const Choice = <T extends string | number>(props: ChoiceProps<T>) => {
  const { value, options, fieldSized = false, side = 'bottom' } = props
  const noteId = useId()
  const chosen = options.find((option) => option.value === value)
  const item = (option: ChoiceOption<T>) => (
    <Select.Item key={option.value} value={option.value} className="menu-item" label={option.text}>
      <span className="menu-icon">
        <Select.ItemIndicator>
          <Check size={14} aria-hidden="true" />
        </Select.ItemIndicator>
      </span>
      <Select.ItemText className="menu-label cut">{option.content ?? option.text}</Select.ItemText>
      {option.help === undefined ? null : <span className="menu-help">{option.help}</span>}
      {option.more?.map((line) => (
        <span key={line} className="menu-help">
          {line}
        </span>
      ))}
    </Select.Item>
  )
  return (
    <Select.Root<T>
      value={chosen === undefined ? null : chosen.value}
      onValueChange={(next) => {
        if (next !== null) props.onChange(next)
      }}
      disabled={props.disabled ?? false}
      items={options.map((option) => ({ value: option.value, label: option.text }))}
    >
      <Select.Trigger
        {...(props.id === undefined ? {} : { id: props.id })}
        {...(props.labelId === undefined ? { 'aria-label': props.label } : { 'aria-labelledby': props.labelId })}
        className={['choice', fieldSized ? 'field-sized' : '', props.className ?? ''].filter(Boolean).join(' ')}
      >
        {props.prefix}
        <Select.Value className="choice-value">
          {() => (chosen === undefined ? (props.empty ?? '') : (chosen.content ?? chosen.text))}
        </Select.Value>
        <ChevronDown size={14} aria-hidden="true" />
      </Select.Trigger>
      <Select.Portal>
        <Select.Positioner className="floating" side={side} align="start" sideOffset={4} alignItemWithTrigger={false}>
          <Select.Popup className="menu list">
            <Select.List {...(props.note === undefined ? {} : { 'aria-describedby': noteId })}>
              {groupsOf(options).map(([group, members]) =>
                group === undefined ? (
                  members.map(item)
                ) : (
                  <Select.Group key={group}>
                    <Select.GroupLabel className="menu-group">{group}</Select.GroupLabel>
                    {members.map(item)}
                  </Select.Group>
                ),
              )}
            </Select.List>
            {props.note === undefined ? null : (
              <p id={noteId} className="menu-note">
                {props.note}
              </p>
            )}
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  )
}
