import { useNavigate } from "@tanstack/react-router";
import { Download, Pause, Play, Square, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Campaign } from "@/api/campaign-types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button, buttonClass } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { isDraft, mayCancel, mayDelete, mayPause } from "@/features/campaigns/funnel";
import { campaignPath, recipientsCsv, useCampaignStep } from "@/features/campaigns/use-campaigns";
import { api } from "@/lib/http";
import { formatNumber, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

type Asked = "pause" | "resume" | "cancel" | "delete";

/** Pause, resume, cancel, delete: each asks before, because messages to people depend on it. */
export function CampaignActions({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const toast = useToast();
  const navigate = useNavigate();
  const may = useCan("admin");
  const step = useCampaignStep(campaign.campaign_id);
  const [asked, setAsked] = useState<Asked>("pause");
  const [open, setOpen] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const ask = (next: Asked) => {
    setAsked(next);
    setOpen(true);
  };
  const { status, counts, name } = campaign;

  async function run(): Promise<void> {
    try {
      if (asked === "delete") {
        setDeleting(true);
        await api.delete(campaignPath(campaign.campaign_id));
        void queryClient.invalidateQueries({ queryKey: keys.campaigns });
        await navigate({ to: "/campaigns", search: {} });
      } else await step.mutateAsync({ step: asked });
      toast.success(t(`campaigns.told_${asked}`, { name }));
    } catch (error) {
      toast.error(error);
    } finally {
      setDeleting(false);
      setOpen(false);
    }
  }

  const waiting = counts.waiting + counts.writing;
  return (
    <>
      {!isDraft(campaign) && (
        <a href={recipientsCsv(campaign.campaign_id, "", "")} download className={buttonClass()}>
          <Download aria-hidden />
          {t("campaigns.download")}
        </a>
      )}
      {may && mayPause(status) && <Button onClick={() => ask("pause")}><Pause aria-hidden />{t("campaigns.pause")}</Button>}
      {may && status === "paused" && <Button variant="primary" onClick={() => ask("resume")}><Play aria-hidden />{t("campaigns.resume")}</Button>}
      {may && mayCancel(status) && <Button variant="danger-ghost" onClick={() => ask("cancel")}><Square aria-hidden />{t("campaigns.cancel")}</Button>}
      {may && mayDelete(status) && <Button variant="danger-ghost" onClick={() => ask("delete")}><Trash2 aria-hidden />{t("common.delete")}</Button>}
      <AlertDialog
        open={open}
        onOpenChange={setOpen}
        title={t(`campaigns.ask_${asked}`, { name })}
        description={t(`campaigns.ask_${asked}_text`, { waiting: formatNumber(waiting) })}
        action={t(asked === "delete" ? "common.delete" : `campaigns.${asked}`)}
        danger={asked === "cancel" || asked === "delete"}
        pending={step.isPending || deleting}
        onAction={() => void run()}
      />
    </>
  );
}
