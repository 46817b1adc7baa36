import type { Notice, Receiver } from "./notice.js";

type WebhookFormat = NonNullable<Receiver["format"]>;

/** The JSON that a webhook of this format is told. */
export function webhookBody(format: WebhookFormat, notice: Notice): string {
  return JSON.stringify(BODIES[format](notice));
}

const BODIES: Readonly<Record<WebhookFormat, (notice: Notice) => unknown>> = {
  generic: (notice) => ({ formatVersion: 1, ...notice }),
  // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
  slack: (notice) => ({ text: `*${forSlack(titleOf(notice))}*\n${forSlack(notice.text)}` }),
  // A message with one Adaptive Card, which both Workflows and the older connectors take:
  // https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
  teams: (notice) => ({
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            {
              type: "TextBlock",
              text: forTeams(titleOf(notice)),
              weight: "Bolder",
              size: "Medium",
              wrap: true,
            },
            { type: "TextBlock", text: forTeams(notice.text), wrap: true },
            {
              type: "FactSet",
              facts: [
                { title: "Exercise", value: notice.exerciseId },
                { title: "Event", value: notice.event },
              ],
            },
          ],
        },
      },
    ],
  }),
};

function titleOf({ gameDay, event, exerciseId }: Notice): string {
  return `${gameDay}: ${event} (${exerciseId})`;
}

/** Three characters begin what Slack acts on, such as `<!channel>`. */
function forSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A TextBlock reads Markdown. Text that looks like a link or a list there stays text. */
function forTeams(text: string): string {
  return text.replaceAll(/[\\[\]()*_`#~]/g, "\\$&");
}
