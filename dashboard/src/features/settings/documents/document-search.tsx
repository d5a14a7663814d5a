import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ErrorState } from "@/components/ui/error-state";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Card } from "@/features/settings/parts/card";
import { cx } from "@/lib/class-names";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";

interface Passage {
  document_id: string;
  name: string;
  number: number;
  heading: string;
  content: string;
}

/** A question as a customer would ask it, and what an assistant would find for it. */
export function DocumentSearch() {
  const t = useT();
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed.trim()), 300);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useQuery({
    queryKey: ["document-search", asked],
    queryFn: async ({ signal }) => (await api.get<{ items: Passage[] }>("/api/v1/documents/search", { q: asked }, { signal })).items,
    enabled: asked !== "",
    placeholderData: keepPreviousData,
  });
  const passages = asked === "" ? [] : (found.data ?? []);
  return (
    <Card title={t("settings.document_search")} description={t("settings.document_search_text")}>
      <Field label={t("settings.document_question")} hideLabel>
        {(control) => <Input {...control} type="search" maxLength={1000} placeholder={t("settings.document_question")} value={typed} onChange={(event) => setTyped(event.target.value)} />}
      </Field>
      <p role="status" className="text-sm text-muted">
        {asked !== "" && found.isSuccess ? (passages.length > 0 ? t("settings.passages_found", { count: passages.length }) : t("settings.passages_none")) : ""}
      </p>
      {found.isError && <ErrorState inline error={found.error} onRetry={() => void found.refetch()} />}
      <ol className={cx("flex flex-col gap-2", found.isPlaceholderData && "opacity-60")}>
        {passages.map((passage) => (
          <li key={`${passage.document_id} ${passage.number}`} className="rounded-md border border-line px-3 py-2">
            <div className="text-sm text-muted">
              {passage.name}
              {passage.heading && ` › ${passage.heading}`}
            </div>
            <p dir="auto" className="mt-1 line-clamp-6 whitespace-pre-wrap">{passage.content}</p>
          </li>
        ))}
      </ol>
    </Card>
  );
}
