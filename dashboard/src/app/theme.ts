/** Light or dark: the system's choice, or the person's own. */
import { useEffect } from "react";
import { local, useStored } from "@/lib/storage";

export type Theme = "system" | "light" | "dark";
const CHOICE = "theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Sets the theme before the first paint, and follows the system from then on. */
export function startTheme(): void {
  apply();
  dark.addEventListener("change", apply);
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useStored<Theme>(CHOICE, "system");
  useEffect(apply, [theme]);
  return [theme, setTheme];
}

function apply(): void {
  const theme = local.get<Theme>(CHOICE, "system");
  document.documentElement.dataset["theme"] =
    theme === "dark" || (theme === "system" && dark.matches) ? "dark" : "light";
}
