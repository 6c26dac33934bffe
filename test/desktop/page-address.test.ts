// Where the window's page lives: built, or served by electron-vite while it is worked on.
import { expect, it } from 'vitest'
import { pageAddress } from '../../main/desktop/page-address.ts'

it('The built page lives at app://wireloop', () => {
  expect(pageAddress(undefined)).toEqual({ url: 'app://wireloop/', origin: 'app://wireloop' })
})

it('A page that is worked on lives where electron-vite serves it, and only that origin is admitted', () => {
  expect(pageAddress('http://localhost:5173')).toEqual({
    url: 'http://localhost:5173/',
    origin: 'http://localhost:5173',
  })
})
