"""Carriers by our own code: the name a store knows them by, their tracking page, other names that suppliers use.

Names are spelled as in Shopify's list of supported tracking companies where they are in it, since a store links the number by
that name. `{}` in a link is the number.
"""

from __future__ import annotations

from typing import NamedTuple


class Carrier(NamedTuple):
    """Name, link pattern, and other names in small letters without spaces or punctuation."""

    name: str
    link: str
    aliases: tuple[str, ...] = ()


_DHL = "https://www.dhl.com/global-en/home/tracking.html?submit=1&tracking-id={}"

CARRIERS: dict[str, Carrier] = {
    "ups": Carrier("UPS", "https://www.ups.com/track?tracknum={}", ("unitedparcelservice", "upsground", "upsmi")),
    "usps": Carrier(
        "USPS",
        "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
        ("unitedstatespostalservice", "uspostalservice", "uspost"),
    ),
    "fedex": Carrier("FedEx", "https://www.fedex.com/fedextrack/?trknbr={}", ("federalexpress", "fedexground")),
    "dhl_express": Carrier("DHL Express", _DHL, ("dhl", "dhlworldwide")),
    "dhl_ecommerce": Carrier("DHL eCommerce", _DHL, ("dhl", "dhlglobalmail", "dhlecs", "dhlecommerceus")),
    "amazon": Carrier("Amazon", "https://track.amazon.com/tracking/{}", ("amazonlogistics", "amazonshipping", "amzl")),
    "canada_post": Carrier(
        "Canada Post",
        "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
        ("postescanada",),
    ),
    "canpar": Carrier(
        "Canpar", "https://www.canpar.com/en/track/tracking.jsp?reference={}&locale=en", ("canparexpress",)
    ),
    "purolator": Carrier("Purolator", "https://www.purolator.com/en/shipping/tracker?searchValue={}"),
    "yunexpress": Carrier("YunExpress", "https://www.yuntrack.com/parcelTracking?id={}", ("yuntrack",)),
    "4px": Carrier("4PX", "https://track.4px.com/#/result/0/{}", ("4pxexpress", "4pxworldwide")),
    "cainiao": Carrier(
        "Cainiao", "https://global.cainiao.com/detail.htm?mailNoList={}", ("aliexpressstandardshipping",)
    ),
    "cj_packet": Carrier(
        "CJPacket",
        "https://www.cjpacket.com/?trackingNumber={}",
        ("cjpacketordinary", "cjlogistics", "cjpacketsensitive"),
    ),
    "ontrac": Carrier("OnTrac", "https://www.ontrac.com/tracking/?number={}"),
    "lasership": Carrier("Lasership", "https://www.ontrac.com/tracking/?number={}"),
    "dpd": Carrier(
        "DPD",
        "https://www.dpdgroup.com/nl/mydpd/my-parcels/track?lang=en&parcelNumber={}",
        ("dpdde", "dpdgroup", "dynamicparceldistribution"),
    ),
    "landmark": Carrier("Landmark Global", "https://track.landmarkglobal.com/?search={}"),
    "evri": Carrier("Evri", "https://www.evri.com/track/parcel/{}", ("hermes", "hermesuk", "myhermes")),
    "gls": Carrier("GLS", "https://gls-group.com/track/{}", ("generallogisticssystems",)),
    "yanwen": Carrier("Yanwen", "https://track.yw56.com.cn/en/querydel?nums={}", ("yanwenexpress",)),
    "gofo": Carrier("GOFO Express", "https://www.gofoexpress.com/tracking.html?searchID={}", ("gofo", "cirro")),
    "yodel": Carrier("Yodel", "https://www.yodel.co.uk/tracking/{}"),
    "speedee": Carrier("Spee-Dee Delivery", "https://www.speedeedelivery.com/track/?tracking={}", ("speedee",)),
    "old_dominion": Carrier(
        "Old Dominion",
        "https://www.odfl.com/us/en/tools/trace-track-ltl-freight/trace.html?proNumbers={}",
        ("olddominionfreightline", "odfl"),
    ),
    "posti": Carrier("Posti", "https://www.posti.fi/en/tracking#/lahetys/{}", ("itella", "finlandpost", "postifi")),
    "deutsche_post": Carrier(
        "Deutsche Post", "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={}", ("dhl", "germanpost")
    ),
    "royal_mail": Carrier(
        "Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{}", ("parcelforce", "ukpost")
    ),
    "china_post": Carrier("China Post", "https://www.17track.net/en/track?nums={}", ("ems", "epacket", "chinaems")),
    "la_poste": Carrier(
        "La Poste Colissimo", "https://www.laposte.fr/outils/suivre-vos-envois?code={}", ("laposte", "colissimo")
    ),
    "postnl": Carrier("PostNL", "https://postnl.post/tracktrace?code={}", ("netherlandspost",)),
    "bpost": Carrier("BPost", "https://track.bpost.cloud/btr/web/#/search?itemCode={}", ("belgianpost",)),
    "swiss_post": Carrier(
        "Swiss Post", "https://service.post.ch/ekp-web/ui/entry/search/{}", ("postch", "lapostesuisse")
    ),
    "poste_italiane": Carrier("Poste Italiane", "https://www.poste.it/cerca/index.html#/risultati-spedizioni/{}"),
    "correos": Carrier("Correos", "https://www.correos.es/es/en/tools/tracker/items/details?tracking-number={}"),
    "austrian_post": Carrier(
        "Österreichische Post", "https://www.post.at/sv/sendungssuche?snr={}", ("austrianpost", "postat")
    ),
    "australia_post": Carrier("Australia Post", "https://auspost.com.au/mypost/track/#/details/{}", ("auspost",)),
    "new_zealand_post": Carrier("New Zealand Post", "https://www.nzpost.co.nz/tools/tracking?trackid={}", ("nzpost",)),
    "singapore_post": Carrier("Singapore Post", "https://www.singpost.com/track-items?trackNum={}", ("singpost",)),
    "japan_post": Carrier(
        "Japan Post (EN)",
        "https://trackings.post.japanpost.jp/services/srv/search/direct?locale=en&reqCodeNo1={}",
        ("japanpost",),
    ),
    "postnord_se": Carrier("PostNord SE", "https://portal.postnord.com/tracking/details/{}", ("postnord",)),
    "postnord_dk": Carrier("PostNord DK", "https://portal.postnord.com/tracking/details/{}", ("postnord",)),
    "posten_norge": Carrier("Bring", "https://tracking.bring.com/tracking/{}", ("posten", "postennorge")),
    "an_post": Carrier("An Post", "https://www.anpost.com/Post-Parcels/Track/History?item={}"),
    "israel_post": Carrier("Israel Post", "https://mypost.israelpost.co.il/itemtrace?itemcode={}"),
    "iceland_post": Carrier("Iceland Post", "https://posturinn.is/en/track?q={}", ("posturinn",)),
    "latvia_post": Carrier(
        "Latvia Post", "https://pasts.lv/en/category/tracking_of_postal_items/?id={}", ("latvijaspasts",)
    ),
    "lietuvos_pastas": Carrier("Lietuvos Paštas", "https://www.post.lt/en/tracking?code={}", ("lithuaniapost",)),
}

# Where no page of the operator itself is known to take a number in its address.
ANY_POST_LINK = "https://www.17track.net/en/track?nums={}"
