/** Loads a file of `tests/fixtures` (by its path there) in a browser test. */
export async function fixture(name: string): Promise<File> {
  const response = await fetch(`/tests/fixtures/${name}`);
  if (!response.ok) {
    throw new Error(`no fixture ${name} (HTTP ${response.status})`);
  }
  return new File([await response.blob()], name.split('/').at(-1) ?? name);
}
