/** What errors say in one language, by reason: the title, and the detail with {names} of metadata in it. */
export type ProblemTexts = Readonly<Record<string, readonly [title: string, detail: string]>>;
