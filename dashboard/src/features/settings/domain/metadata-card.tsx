import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { fromRows, isObject, numbersGone, parse, rowProblems, toRows, type Metadata } from "@/features/settings/domain/metadata";
import { MetadataJson } from "@/features/settings/domain/metadata-json";
import { MetadataRows } from "@/features/settings/domain/metadata-rows";
import { Card } from "@/features/settings/parts/card";
import { FormError, SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { Loaded } from "@/features/settings/parts/loaded";
import { useForm } from "@/features/settings/parts/use-form";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

/** Numbers, credentials and keys of the domain, as its operator knows them. */
export function MetadataCard() {
  const t = useT();
  const { domain } = useMe();
  const path = `/api/v1/domains/${encodeURIComponent(domain)}/metadata`;
  const metadata = useQuery({ queryKey: keys.metadata(domain), queryFn: ({ signal }) => api.get<Metadata>(path, undefined, { signal }) });
  return (
    <Card title={t("settings.metadata_title")} description={t("settings.metadata_text")}>
      <Loaded query={metadata}>{(saved) => <Editor saved={saved} path={path} />}</Loaded>
    </Card>
  );
}

function Editor({ saved, path }: { saved: Metadata; path: string }) {
  const t = useT();
  const toast = useToast();
  const { domain } = useMe();
  const [json, setJson] = useState<string | null>(null);
  const { values, set, dirty, reset } = useForm({ rows: toRows(saved) });
  const [gone, setGone] = useState<string[]>([]);
  const parsed = json === null ? null : parse(json);
  const sound = parsed ? parsed.ok && isObject(parsed.value) : rowProblems(values.rows).every((problem) => problem === null);
  const wanted = (): Metadata => (parsed?.ok && isObject(parsed.value) ? parsed.value : fromRows(values.rows));
  const changed = parsed ? JSON.stringify(sound ? wanted() : null) !== JSON.stringify(saved) : dirty;
  const save = useMutation({
    mutationFn: () => api.put<Metadata>(path, wanted()),
    onSuccess: (now) => {
      setGone([]);
      setJson(null);
      set({ rows: toRows(now) });
      queryClient.setQueryData(keys.metadata(domain), now);
      void queryClient.invalidateQueries({ queryKey: keys.channels });
      toast.success(t("settings.metadata_saved"));
    },
    onError: () => setGone([]),
  });
  function submit(): void {
    if (!sound || save.isPending) return;
    const lost = numbersGone(saved, wanted());
    if (lost.length > 0) setGone(lost);
    else save.mutate();
  }
  function toggle(): void {
    if (json === null) setJson(JSON.stringify(fromRows(values.rows), null, 2));
    else {
      set({ rows: toRows(wanted()) });
      setJson(null);
    }
  }
  return (
    <form className="flex flex-col gap-3" onSubmit={submitting(submit)}>
      {json === null ? (
        <MetadataRows rows={values.rows} onChange={(rows) => set({ rows })} />
      ) : (
        <MetadataJson text={json} parsed={parsed} onChange={setJson} />
      )}
      <FormError text={save.error && errorText(save.error)} />
      <div className="flex flex-wrap items-center gap-2">
        <Button variant="ghost" disabled={json !== null && !sound} onClick={toggle}>{t(json === null ? "settings.metadata_as_json" : "settings.metadata_as_rows")}</Button>
        <div className="flex-1">
          <SaveBar
            dirty={changed}
            pending={save.isPending}
            disabled={!sound}
            onReset={() => {
              setJson(null);
              reset();
            }}
          />
        </div>
      </div>
      <AlertDialog
        open={gone.length > 0}
        onOpenChange={(open) => !open && setGone([])}
        title={t("settings.metadata_gone_title")}
        description={t("settings.metadata_gone_text", { numbers: gone.join(", ") })}
        action={t("common.save")}
        danger
        pending={save.isPending}
        onAction={() => save.mutate()}
      />
    </form>
  );
}
