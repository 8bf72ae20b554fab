"""Every GraphQL document that is sent, fixed at build time: values travel as variables only.

Names and shapes are Shopify's Admin API of 2026-10. `first:` values keep each query below the limit of 1,000 points.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Operation(NamedTuple):
    """A document, and whether a lost answer matters: it has an effect that a repeat doubles, or that may come late.

    Nobody may take such a call for not done: a number that comes late stands over whatever was decided since.
    """

    document: str
    has_effect: bool = False

    @property
    def name(self) -> str:
        """As the document has it: `query Name(...`."""
        return re.split(r"\W", self.document, maxsplit=2)[1]


_PAGE = "pageInfo { hasNextPage endCursor }"
_MONEY = "{ shopMoney { amount currencyCode } }"
# Without `first` Shopify gives every tax line; a cut list would look like a smaller tax.
_TAX_LINES = f"taxLines {{ channelLiable priceSet {_MONEY} }}"
_LINES = f"""
  nodes {{
    id sku title variantTitle quantity currentQuantity unfulfilledQuantity requiresShipping isGiftCard
    variant {{ id }}
    customAttributes {{ key }}
    discountedUnitPriceAfterAllDiscountsSet {_MONEY}
    priceAfterAllDiscountsBeforeTaxesSet {_MONEY}
    {_TAX_LINES}
  }}
  {_PAGE}
"""

TRANSACTIONS_OF_ORDER = 10
ORDER = Operation(f"""query Order($id: ID!) {{
  order(id: $id) {{
    id name createdAt updatedAt cancelledAt test displayFinancialStatus disputes {{ status }}
    email phone customerLocale note
    currentTotalPriceSet {_MONEY}
    totalRefundedSet {_MONEY}
    customAttributes {{ key value }}
    customer {{ id }}
    risk {{ recommendation }}
    shippingAddress {{
      name firstName lastName company address1 address2 city province provinceCode zip countryCodeV2 phone
    }}
    fulfillmentOrders(first: 20) {{ nodes {{ status fulfillmentHolds {{ reason }} internationalDuties {{ incoterm }} }} }}
    taxesIncluded taxExempt estimatedTaxes sourceName paymentGatewayNames
    totalTaxSet {_MONEY}
    totalReceivedSet {_MONEY}
    currentTotalDutiesSet {_MONEY}
    currentTotalAdditionalFeesSet {_MONEY}
    merchantOfRecordApp {{ name }}
    purchasingEntity {{ __typename }}
    shippingLines(first: 5) {{
      nodes {{ isRemoved discountedPriceSet {_MONEY} currentDiscountedPriceSet {_MONEY} {_TAX_LINES} }}
      {_PAGE}
    }}
    transactions(first: {TRANSACTIONS_OF_ORDER}) {{
      kind status fees {{ amount {{ amount currencyCode }} taxAmount {{ amount currencyCode }} }}
    }}
    lineItems(first: 25) {{ {_LINES} }}
  }}
}}""")

LATEST_OF_CUSTOMER = 10
CUSTOMER = Operation(f"""query Customer($id: ID!) {{
  order(id: $id) {{
    customer {{
      numberOfOrders
      orders(first: {LATEST_OF_CUSTOMER}, sortKey: CREATED_AT, reverse: true) {{ nodes {{ id createdAt cancelledAt }} }}
    }}
  }}
}}""")

ORDER_LINES = Operation(f"""query OrderLines($id: ID!, $after: String!) {{
  order(id: $id) {{ updatedAt lineItems(first: 80, after: $after) {{ {_LINES} }} }}
}}""")

REFUNDS_OF_ORDER = 11
_REFUND_LINES = f"nodes {{ subtotalSet {_MONEY} totalTaxSet {_MONEY} }} {_PAGE}"
REFUNDS = Operation(f"""query Refunds($id: ID!) {{
  order(id: $id) {{
    updatedAt
    refundDiscrepancySet {_MONEY}
    refunds(first: {REFUNDS_OF_ORDER}) {{
      id
      refundLineItems(first: 8) {{ {_REFUND_LINES} }}
      refundShippingLines(first: 2) {{ nodes {{ subtotalAmountSet {_MONEY} taxAmountSet {_MONEY} }} {_PAGE} }}
      orderAdjustments(first: 4) {{ nodes {{ amountSet {_MONEY} taxAmountSet {_MONEY} }} {_PAGE} }}
      duties {{ amountSet {_MONEY} }}
    }}
  }}
}}""")

REFUND_LINES = Operation(f"""query RefundLines($id: ID!, $after: String!) {{
  refund(id: $id) {{ order {{ updatedAt }} refundLineItems(first: 100, after: $after) {{ {_REFUND_LINES} }} }}
}}""")

CHANGED_ORDERS = Operation(f"""query ChangedOrders($query: String!, $after: String) {{
  orders(first: 100, after: $after, query: $query, sortKey: UPDATED_AT) {{ nodes {{ id updatedAt }} {_PAGE} }}
}}""")

_OPEN_LINES = f"nodes {{ id remainingQuantity lineItem {{ id }} }} {_PAGE}"
_SENT_LINES = f"nodes {{ quantity lineItem {{ id }} }} {_PAGE}"

FULFILLMENT_ORDERS = Operation(f"""query FulfillmentOrders($id: ID!, $after: String) {{
  order(id: $id) {{
    fulfillmentOrders(first: 10, after: $after) {{
      nodes {{
        id status
        supportedActions {{ action }}
        assignedLocation {{ location {{ id }} }}
        lineItems(first: 20) {{ {_OPEN_LINES} }}
      }}
      {_PAGE}
    }}
  }}
}}""")

FULFILLMENT_ORDER_LINES = Operation(f"""query FulfillmentOrderLines($id: ID!, $after: String!) {{
  fulfillmentOrder(id: $id) {{ lineItems(first: 100, after: $after) {{ {_OPEN_LINES} }} }}
}}""")

FULFILLMENTS_OF_ORDER = 100
FULFILLMENTS = Operation(f"""query Fulfillments($id: ID!) {{
  order(id: $id) {{ fulfillments(first: {FULFILLMENTS_OF_ORDER}) {{ id status trackingInfo(first: 5) {{ number }} }} }}
}}""")

FULFILLMENT_LINES = Operation(f"""query FulfillmentLines($id: ID!, $after: String) {{
  fulfillment(id: $id) {{ fulfillmentLineItems(first: 100, after: $after) {{ {_SENT_LINES} }} }}
}}""")

CREATE_FULFILLMENT = Operation(
    """mutation CreateFulfillment($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id } userErrors { field message } }
}""",
    has_effect=True,
)

UPDATE_TRACKING = Operation(
    """mutation UpdateTracking($fulfillment: ID!, $tracking: FulfillmentTrackingInput!) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $fulfillment, trackingInfoInput: $tracking, notifyCustomer: false) {
    fulfillment { id }
    userErrors { field message }
  }
}""",
    has_effect=True,
)

PAYMENTS_OF_ORDER = 100
_PAID = "{ presentmentMoney { amount } }"
ORDER_END = Operation(f"""query OrderEnd($id: ID!) {{
  order(id: $id) {{
    cancelledAt presentmentCurrencyCode
    disputes {{ status }}
    netPaymentSet {_PAID}
    transactions(first: {PAYMENTS_OF_ORDER}) {{ id kind status gateway parentTransaction {{ id }} amountSet {_PAID} }}
  }}
}}""")

CANCEL_ORDER = Operation(
    """mutation CancelOrder($order: ID!, $refund: Boolean!) {
  orderCancel(
    orderId: $order, reason: OTHER, restock: false, notifyCustomer: true,
    refundMethod: {originalPaymentMethodsRefund: $refund}
  ) { orderCancelUserErrors { field message code } }
}""",
    has_effect=True,
)

CREATE_REFUND = Operation(
    """mutation CreateRefund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id } userErrors { field message } }
}""",
    has_effect=True,
)

LOCATIONS = Operation(f"""query Locations($after: String) {{
  locations(first: 100, after: $after) {{ nodes {{ id name }} {_PAGE} }}
}}""")

PUBLICATIONS = Operation(f"""query Publications($after: String) {{
  publications(first: 50, after: $after) {{ nodes {{ id catalog {{ title }} }} {_PAGE} }}
}}""")

_VARIANT = """
  id sku price
  inventoryItem { id tracked }
  product { id status publishedOnPublication(publicationId: $publication) }
"""
_LEVEL = """inventoryLevel(locationId: $location) { quantities(names: ["available"]) { name quantity } }"""

_MARK = 'metafield(namespace: "orderwright", key: "retired") { value }'

VARIANTS = Operation(f"""query Variants($publication: ID!, $query: String, $after: String) {{
  productVariants(first: 100, after: $after, query: $query) {{ nodes {{ {_VARIANT} {_MARK} }} {_PAGE} }}
}}""")

LISTINGS = Operation(f"""query Listings($ids: [ID!]!, $location: ID!, $publication: ID!) {{
  nodes(ids: $ids) {{
    ... on ProductVariant {{
      id price compareAtPrice
      inventoryItem {{ id {_LEVEL} }}
      product {{ status publishedOnPublication(publicationId: $publication) }}
    }}
  }}
}}""")

_OWN = f"""
  id sku price {_MARK}
  selectedOptions {{ name value }}
  inventoryItem {{ id tracked {_LEVEL} }}
  product {{ id handle status publishedOnPublication(publicationId: $publication) }}
"""

LISTED_ARTICLE = Operation(f"""query ListedArticle($handle: String!, $sku: String!, $location: ID!, $publication: ID!) {{
  productByIdentifier(identifier: {{handle: $handle}}) {{
    id status
    publishedOnPublication(publicationId: $publication)
    media(first: 1) {{ nodes {{ id }} }}
    variants(first: 2) {{ nodes {{ id sku inventoryItem {{ id {_LEVEL} }} }} }}
  }}
  productVariants(first: 10, query: $sku) {{ nodes {{ {_OWN} }} }}
}}""")

ARTICLE_VARIANTS = Operation(f"""query ArticleVariants($id: ID!, $location: ID!, $publication: ID!, $after: String) {{
  product(id: $id) {{ variants(first: 100, after: $after) {{ nodes {{ {_OWN} }} {_PAGE} }} }}
}}""")

SIBLINGS = Operation(f"""query Siblings($id: ID!, $after: String) {{
  product(id: $id) {{ variants(first: 250, after: $after) {{ nodes {{ id {_MARK} }} {_PAGE} }} }}
}}""")

CREATE_ARTICLE = Operation(f"""mutation CreateArticle($input: ProductSetInput!, $publication: ID!) {{
  productSet(input: $input, synchronous: true) {{
    product {{ id variants(first: 1) {{ nodes {{ {_VARIANT} }} }} }}
    userErrors {{ field message code }}
  }}
}}""")

ADD_VARIANT = Operation(f"""mutation AddVariant(
  $product: ID!, $variants: [ProductVariantsBulkInput!]!, $media: [CreateMediaInput!], $publication: ID!
) {{
  productVariantsBulkCreate(productId: $product, variants: $variants, media: $media, strategy: PRESERVE_STANDALONE_VARIANT) {{
    productVariants {{ {_VARIANT} }}
    userErrors {{ field message code }}
  }}
}}""")

SET_ARTICLE = Operation(f"""mutation SetArticle($handle: String!, $input: ProductSetInput!, $publication: ID!) {{
  productSet(identifier: {{handle: $handle}}, input: $input, synchronous: true) {{
    product {{ id variants(first: 1) {{ nodes {{ {_VARIANT} }} }} }}
    userErrors {{ field message code }}
  }}
}}""")

PUBLISH = Operation("""mutation Publish($id: ID!, $publication: ID!) {
  publishablePublish(id: $id, input: [{publicationId: $publication}]) { userErrors { field message } }
}""")

SET_ARTICLE_STATUS = Operation("""mutation SetArticleStatus($product: ProductUpdateInput!) {
  productUpdate(product: $product) { product { id status } userErrors { field message } }
}""")

SET_QUANTITIES = Operation(
    """mutation SetQuantities($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { field message code } }
}""",
    has_effect=True,
)

STOCKED_ITEM = Operation("""query StockedItem($id: ID!, $location: ID!) {
  inventoryItem(id: $id) { id tracked inventoryLevel(locationId: $location) { id } }
}""")

TRACK_ITEM = Operation("""mutation TrackItem($id: ID!) {
  inventoryItemUpdate(id: $id, input: {tracked: true}) { inventoryItem { id } userErrors { field message } }
}""")

STOCK_ITEM = Operation(
    """mutation StockItem($item: ID!, $location: ID!, $available: Int!, $key: String!) {
  inventoryActivate(inventoryItemId: $item, locationId: $location, available: $available) @idempotent(key: $key) {
    inventoryLevel { id }
    userErrors { field message }
  }
}""",
    has_effect=True,
)

SET_PRICES = Operation(
    """mutation SetPrices($product: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $product, variants: $variants, allowPartialUpdates: true) {
    userErrors { field message code }
  }
}""",
    has_effect=True,
)

SUBSCRIPTIONS = Operation(f"""query Subscriptions($after: String) {{
  webhookSubscriptions(first: 100, after: $after) {{ nodes {{ id topic uri includeFields }} {_PAGE} }}
}}""")

SHOP = Operation("query Shop { shop { id currencyCode } }")

SUBSCRIBE = Operation("""mutation Subscribe($topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) {
    webhookSubscription { id }
    userErrors { field message }
  }
}""")

RESUBSCRIBE = Operation("""mutation Resubscribe($id: ID!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $subscription) {
    webhookSubscription { id }
    userErrors { field message }
  }
}""")

OPERATIONS = tuple(value for value in list(globals().values()) if isinstance(value, Operation))
