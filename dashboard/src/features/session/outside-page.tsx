import { Languages } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { LANGUAGES, setLanguage, useLanguage, useT, type Language } from "@/lib/i18n";

export interface OutsidePageProps {
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  /** Below the card. */
  after?: ReactNode;
}

/** The frame of the pages for those who are not signed in. */
export function OutsidePage({ title, text, children, after }: OutsidePageProps) {
  const t = useT();
  const language = useLanguage();
  return (
    <div className="flex min-h-full flex-col overflow-y-auto bg-canvas">
      <main className="m-auto flex w-full max-w-sm flex-col gap-5 px-4 py-10">
        <div className="flex items-center gap-3">
          <img src="/static/frontdesk.svg" alt="" className="size-9" />
          <div>
            <p className="text-lg leading-5 font-semibold">Frontdesk</p>
            <p className="text-sm text-muted">{t("session.tagline")}</p>
          </div>
        </div>
        <section aria-labelledby="title" className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-5 shadow-raised">
          <div className="flex flex-col gap-1">
            <h1 id="title" className="text-xl font-semibold">
              {title}
            </h1>
            {text && <p className="text-muted">{text}</p>}
          </div>
          {children}
        </section>
        {after}
      </main>
      <footer className="flex justify-center pb-4">
        <DropdownMenu
          align="center"
          side="top"
          trigger={
            <Button variant="ghost" size="sm" className="text-muted">
              <Languages aria-hidden />
              {LANGUAGES[language]}
            </Button>
          }
          items={(Object.keys(LANGUAGES) as Language[]).map((each) => ({
            label: LANGUAGES[each],
            checked: each === language,
            onSelect: () => void setLanguage(each),
          }))}
        />
      </footer>
    </div>
  );
}
