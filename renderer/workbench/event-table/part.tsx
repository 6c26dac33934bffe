// An element with a role of the grid pattern. A virtualised grid cannot be a <table>: its rows stand in a scroller with a
// spacer, and only those in view exist. Counterparts: event-table.tsx, event-row.tsx.
import type { HTMLAttributes, Ref } from 'react'

export interface PartProps extends HTMLAttributes<HTMLDivElement> {
  readonly role: 'grid' | 'rowgroup' | 'row' | 'columnheader' | 'gridcell' | 'presentation'
  readonly ref?: Ref<HTMLDivElement>
}

export const Part = ({ role, ...rest }: PartProps) => <div role={role} {...rest} />
