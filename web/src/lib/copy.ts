/**
 * Puts the text of a field on the clipboard. Browsers offer the new way on https and localhost alone, and a recorder is often
 * reached by its address in the house; there the old way still works. False: neither did, and the text is selected.
 */
export async function copyField(field: HTMLInputElement): Promise<boolean> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand('copy');
  }
}
