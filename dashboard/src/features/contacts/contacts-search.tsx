import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { useT } from "@/lib/i18n";

/** So long after the last letter the list is asked for. */
const QUIET_MS = 200;

export interface ContactsSearchProps {
  value: string;
  onSearch: (text: string) => void;
  /** From the field into the list. */
  onDown: () => void;
}

export function ContactsSearch({ value, onSearch, onDown }: ContactsSearchProps) {
  const t = useT();
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  // Changed from elsewhere (the back button): the field follows.
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
    <div role="search" className="relative">
      <Search aria-hidden className="pointer-events-none absolute start-2.5 top-2 size-4 text-faint" />
      <Input
        ref={field}
        type="search"
        aria-label={t("contacts.search")}
        placeholder={t("contacts.search_placeholder")}
        value={typed}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") onDown();
          else if (event.key === "Escape" && typed !== "") clear();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
        className="ps-8 pe-8 [&::-webkit-search-cancel-button]:hidden"
      />
      {typed !== "" && <IconButton icon={X} size="sm" label={t("contacts.search_clear")} tooltip={false} onClick={clear} className="absolute end-1 top-1" />}
    </div>
  );
}
