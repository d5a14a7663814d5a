import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Campaign } from "@/api/campaign-types";
import { CampaignActions } from "@/features/campaigns/campaign-actions";
import { CampaignStatus } from "@/features/campaigns/campaign-row";
import { PageHeader } from "@/features/campaigns/page-parts";
import { AudienceStep } from "@/features/campaigns/wizard/audience-step";
import { CheckStep } from "@/features/campaigns/wizard/check-step";
import { ColumnsStep } from "@/features/campaigns/wizard/columns-step";
import { MessageStep } from "@/features/campaigns/wizard/message-step";
import { OptionsStep } from "@/features/campaigns/wizard/options-step";
import { nextOf, previousOf, stepsOf, stepToDo, type StepId } from "@/features/campaigns/wizard/steps";
import { StepsBar } from "@/features/campaigns/wizard/steps-bar";
import { useT } from "@/lib/i18n";

function Frame({ header, bar, children }: { header: ReactNode; bar: ReactNode; children: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-4 p-4 md:px-8 md:py-6">
      {header}
      {bar}
      {children}
    </div>
  );
}

/** The first step: with it the campaign is made, and from then on it is a draft. */
export function NewCampaign() {
  const t = useT();
  const navigate = useNavigate();
  return (
    <Frame
      header={<PageHeader title={<h1 className="text-xl font-semibold">{t("campaigns.new")}</h1>} below={t("campaigns.new_text")} />}
      bar={<StepsBar steps={stepsOf(null)} current="audience" onGo={null} />}
    >
      <AudienceStep
        onMade={(campaign) =>
          void navigate({ to: "/campaigns/$campaignId", params: { campaignId: campaign.campaign_id }, search: { step: nextOf(campaign, "audience") ?? "" }, replace: true })
        }
      />
    </Frame>
  );
}

/** A campaign that has not started: its steps, in any order once they can be taken. */
export function DraftCampaign({ campaign }: { campaign: Campaign }) {
  const t = useT();
  const navigate = useNavigate();
  const search: { step?: string } = useSearch({ strict: false });
  const steps = stepsOf(campaign);
  const todo = stepToDo(campaign);
  const wanted = steps.find((each) => each === search.step && each !== "audience") ?? todo;
  // What comes after an unfinished step cannot be decided yet.
  const current = steps.indexOf(wanted) > steps.indexOf(todo) ? todo : wanted;
  const go = (step: StepId) => void navigate({ to: ".", search: { step } });
  const next = nextOf(campaign, current);
  const previous = previousOf(campaign, current);
  const onNext = () => next && go(next);
  const onBack = previous === null || previous === "audience" ? null : () => go(previous);
  const props = { campaign, onNext, onBack };
  return (
    <Frame
      header={
        <PageHeader
          title={
            <>
              <h1 className="min-w-0 text-xl font-semibold wrap-anywhere"><bdi>{campaign.name}</bdi></h1>
              <CampaignStatus campaign={campaign} />
            </>
          }
          below={t("campaigns.draft_kept")}
          actions={<CampaignActions campaign={campaign} />}
        />
      }
      bar={<StepsBar steps={steps} current={current} onGo={go} last={todo} />}
    >
      {current === "columns" && <ColumnsStep {...props} />}
      {current === "message" && <MessageStep {...props} />}
      {current === "options" && <OptionsStep {...props} />}
      {current === "check" && <CheckStep {...props} />}
    </Frame>
  );
}
