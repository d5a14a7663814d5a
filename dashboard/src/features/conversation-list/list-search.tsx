import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { useT } from "@/lib/i18n";

/** So long after the last letter the list is asked for. */
const QUIET_MS = 250;

export interface ListSearchProps {
  value: string;
  onSearch: (text: string) => void;
}

export function ListSearch({ value, onSearch }: ListSearchProps) {
  const t = useT();
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  // Cleared or set from elsewhere (a view, the back button): the field follows.
  if (told !== value) {
    setTold(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return undefined;
    const timer = setTimeout(() => {
      setTold(typed.trim());
      onSearch(typed.trim());
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onSearch]);

  function clear(): void {
    setTyped("");
    onSearch("");
    field.current?.focus();
  }

  return (
    <div role="search" className="relative min-w-0 flex-1">
      <Search aria-hidden className="pointer-events-none absolute start-2.5 top-2 size-4 text-faint" />
      <Input
        ref={field}
        type="search"
        aria-label={t("list.search_label")}
        placeholder={t("list.search_placeholder")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || typed === "") return;
          event.preventDefault();
          event.stopPropagation();
          clear();
        }}
        autoComplete="off"
        className="ps-8 pe-8 [&::-webkit-search-cancel-button]:hidden"
      />
      {typed !== "" && (
        <IconButton icon={X} size="sm" label={t("list.search_clear")} tooltip={false} onClick={clear} className="absolute end-1 top-1" />
      )}
    </div>
  );
}
