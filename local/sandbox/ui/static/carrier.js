// One card per parcel, with what the next scanner may see.
import { act } from "./api.js";
import { badge, byId, clock, h, orderLink, sync, units } from "./dom.js";

const STEPS = ["pre_transit", "in_transit", "out_for_delivery", "delivered"];
const SCANS = [["in_transit", "In transit"], ["customs", "Held by customs"], ["out_for_delivery", "Out for delivery"], ["delivered", "Delivered"],
  ["delayed", "Delayed"], ["exception", "Exception"], ["ready_for_pickup", "Ready for pick-up"],
  ["returned", "Returned"], ["back_at_sender", "Back at the sender"], ["old_scan", "Old scan, out of order"]];

function parcelCard(parcel) {
  const reached = Math.max(...[parcel.status, ...parcel.scans.map((scan) => scan.status)].map((status) => STEPS.indexOf(status)));
  return h("article", { class: "card parcel" },
    h("div", { class: "order-head" }, h("span", { class: "order-name mono" }, parcel.number), badge(parcel.status)),
    h("p", { class: "hint" }, [parcel.carrier, units(parcel.lines), parcel.purchase_order].filter(Boolean).join(" · ")),
    h("div", { class: "chips" },
      orderLink(parcel),
      h("span", { class: `badge ${parcel.tracked ? "good" : ""}` }, parcel.tracked ? "tracked by the merchant" : "not tracked yet")),
    h("ol", { class: "steps", "aria-hidden": "true" }, STEPS.map((step, index) => h("li", { class: index <= reached ? "done" : "" }))),
    h("div", { class: "buttons" }, SCANS.map(([scan, label]) => h("button", {
      class: scan === "exception" ? "quiet danger" : "quiet", "aria-label": `${label}: ${parcel.number}`, data: { scan },
      onclick: () => act("scan", { tracking_number: parcel.number, scan }, `${label}: scanned`),
    }, label)), h("button", {
      class: "quiet", "aria-label": `${parcel.lost ? "Found again" : "Out of sight"}: ${parcel.number}`, data: { lose: String(!parcel.lost) },
      onclick: () => act("lose", { tracking_number: parcel.number, lost: !parcel.lost }, parcel.lost ? "Found again" : "No scanner sees it"),
    }, parcel.lost ? "Found again" : "Out of sight")),
    parcel.scans.length ? h("ol", { class: "line small" }, parcel.scans.slice(-5).reverse().map((scan) =>
      h("li", { class: "carrier" }, h("time", {}, clock(scan.at)), h("div", {}, h("b", {}, scan.status.replaceAll("_", " ")), h("span", {}, scan.message))))) : null);
}

export function showCarrier(state) {
  const { parcels } = state.carrier;
  sync(byId("parcels"), parcels, (parcel) => parcel.number, parcelCard);
  byId("parcels-empty").hidden = parcels.length > 0;
}
