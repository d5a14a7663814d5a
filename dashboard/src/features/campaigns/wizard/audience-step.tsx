import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileSpreadsheet, UsersRound } from "lucide-react";
import { useState } from "react";
import type { Campaign } from "@/api/campaign-types";
import type { ChannelKind } from "@/api/types";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Panel } from "@/features/campaigns/page-parts";
import { putCampaign } from "@/features/campaigns/use-campaigns";
import { FileUpload } from "@/features/campaigns/wizard/file-upload";
import { StepFoot } from "@/features/campaigns/wizard/step-foot";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { cx } from "@/lib/class-names";
import { useSegments } from "@/lib/directory";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";

type Source = "csv" | "segment";
const CHANNELS = ["wmsg", "sms"] as const;

/** Who, and on which channel. A file makes the campaign when it is there, a segment at once. */
export function AudienceStep({ onMade }: { onMade: (campaign: Campaign) => void }) {
  const t = useT();
  const [source, setSource] = useState<Source>("csv");
  const [name, setName] = useState("");
  const [channel, setChannel] = useState<ChannelKind>("wmsg");
  const [segment, setSegment] = useState("");
  const [tried, setTried] = useState(false);
  const create = useMutation({
    mutationFn: () => api.post<Campaign>("/api/v1/campaigns", { name: name.trim(), channel, segment_id: segment }),
    onSuccess: (campaign) => {
      putCampaign(campaign);
      onMade(campaign);
    },
  });
  const sources = [["csv", FileSpreadsheet], ["segment", UsersRound]] as const;
  const nameMissing = name.trim() === "";
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={submitting(() => {
        setTried(true);
        if (source === "segment" && !nameMissing && segment !== "" && !create.isPending) create.mutate();
      })}
    >
      <Panel>
        <div className="grid gap-4 sm:grid-cols-[1fr_14rem]">
          <Field label={t("campaigns.name")} description={t("campaigns.name_hint")} optional={source === "csv"}
            error={tried && source === "segment" && nameMissing ? t("campaigns.name_missing") : null}>
            {(control) => <Input {...control} maxLength={200} dir="auto" value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <Field label={t("campaigns.channel")}>
            {(control) => (
              <Select {...control} value={channel} onChange={setChannel} options={CHANNELS.map((each) => ({ value: each, label: t(`common.channel_${each}`) }))} />
            )}
          </Field>
        </div>
      </Panel>
      <Panel title={t("campaigns.audience")}>
        <div className="flex flex-col gap-4">
          <div role="radiogroup" aria-label={t("campaigns.audience")} className="grid gap-2 sm:grid-cols-2">
            {sources.map(([each, Icon]) => (
              <label key={each} className={cx("flex cursor-pointer items-start gap-3 rounded-lg border px-3 py-2.5", source === each ? "border-accent bg-accent-soft" : "border-line hover:bg-hover")}>
                <input type="radio" name="source" className="mt-1" checked={source === each} onChange={() => setSource(each)} />
                <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-muted" />
                <span>
                  <span className="block font-medium">{t(`campaigns.from_${each}`)}</span>
                  <span className="block text-sm text-muted">{t(`campaigns.from_${each}_text`)}</span>
                </span>
              </label>
            ))}
          </div>
          {source === "csv"
            ? <FileUpload name={name.trim()} channel={channel} onMade={onMade} />
            : <SegmentChoice value={segment} onChange={setSegment} missing={tried && segment === ""} />}
        </div>
      </Panel>
      <FormError text={create.error && errorText(create.error)} />
      {source === "segment" && <StepFoot onBack={null} pending={create.isPending} />}
    </form>
  );
}

function SegmentChoice({ value, onChange, missing }: { value: string; onChange: (id: string) => void; missing: boolean }) {
  const t = useT();
  const segments = useSegments();
  if (segments.data?.length === 0) {
    return (
      <p className="text-muted">
        {t("campaigns.no_segments")} <Link to="/contacts" search={{}} className="text-accent-ink underline">{t("common.nav_contacts")}</Link>
      </p>
    );
  }
  return (
    <Field label={t("campaigns.segment")} error={missing ? t("campaigns.segment_missing") : segments.error && errorText(segments.error)} className="max-w-md">
      {(control) => (
        <Select {...control} value={value || undefined} placeholder={t("common.select")} onChange={onChange}
          options={(segments.data ?? []).map((each) => ({ value: each.segment_id, label: each.name }))} />
      )}
    </Field>
  );
}
