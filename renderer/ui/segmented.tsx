// Two or three ways to show or write the same thing, one of them on. Built on Base UI's toggle group.
import { Toggle } from '@base-ui/react/toggle'
import { ToggleGroup } from '@base-ui/react/toggle-group'

export interface SegmentedProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly choices: readonly { readonly value: T; readonly text: string }[]
  onChange(value: T): void
}

export const Segmented = <T extends string>({ label, value, choices, onChange }: SegmentedProps<T>) => (
  <ToggleGroup
    className="seg"
    aria-label={label}
    value={[value]}
    onValueChange={(next: string[]) => {
      // Pressing the one that is on would leave none on; it stays.
      const chosen = choices.find((choice) => choice.value === next[0])
      if (chosen !== undefined) onChange(chosen.value)
    }}
  >
    {choices.map((choice) => (
      <Toggle key={choice.value} value={choice.value} className="seg-item">
        {choice.text}
      </Toggle>
    ))}
  </ToggleGroup>
)
