/** Puts the keyboard where something is wrong in a form, once that is marked. */
export function focusInvalid(formId: string, otherwise?: string): void {
  setTimeout(() => {
    const form = document.getElementById(formId);
    const found = form?.querySelector<HTMLElement>("[aria-invalid=true]") ?? (otherwise === undefined ? null : form?.querySelector<HTMLElement>(otherwise));
    found?.focus();
  }, 50);
}
