/** What becomes of an article when a draft goes into it: what is shown is what is stored. */

/** The draft as a section of its own at the end of the article. */
export function mergedBody(body: string, draftTitle: string, draftBody: string): string {
  const [before, added] = [body.trimEnd(), draftBody.trim()];
  if (!added) return before;
  if (!before) return added;
  return `${before}\n\n${heading(before, draftTitle)}\n\n${added}\n`;
}

/** As deep as the article's own sections. */
function heading(body: string, title: string): string {
  const levels = [...body.matchAll(/^(#{1,6})\s/gm)].map((match) => match[1]?.length ?? 1);
  const sections = levels.filter((level) => level > 1);
  const level = sections.length ? Math.min(...sections) : 2;
  return `${'#'.repeat(level)} ${title.trim().replace(/\s+/g, ' ')}`;
}
