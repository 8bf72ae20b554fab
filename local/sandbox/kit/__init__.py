"""What stand-ins of vendors share. A vendor writes its paths and its shapes; all else is here.

A new vendor is a package `local/sandbox/<kind>` and one line in `sandbox.VENDORS`. Its class has `handle(request)` (the path
behind the vendor's prefix), `tick()` (what is due by the world's clock happens) and `account` (vendor.Account). It may have
`report_delivery(url, ok)`, which hears how each webhook attempt ended, and `manners` (outbox.Manners): how it delivers.
It is made of these parts:

- `vendor.ApiVendor` with `api.Api`: routes as a table (method, path with {names}, operation), gates in front (sign-in, throttle),
  scripted faults per operation, checks of query and body that are kept in the ledger, and an error form of the vendor's own.
- `signin`: HTTP Basic, a key or token in a header, tokens that expire.
- `throttle`: calls within a window, points that are refilled, points per day; `api.gate` makes a gate of one.
- `paging`: pages by number with totals, pages behind a cursor, the Link header.
- `hooks.Hooks`: subscriptions, signed deliveries, lost and repeated ones, and addresses that are given up after failures.
- `desk.Desk` with the records of `orders`: buy, capture, cancel, edit, refund, erase, parcels told of, with their money (`money`:
  currencies, taxes by country), transactions and ledger lines; `people`: who buys. It asks its store for stock (`take`,
  `give_up`), lines and orders (`new_line`, `new_order`), and says what happened (`changed`; `ended` when the action is over).
- `shop.Store`, a desk with a shelf: one number of stock per variant. WooCommerce or BigCommerce: a `Store` with an `ApiVendor`
  whose routes show `orders.Order` in the vendor's words (`order.total`, `order.line_tax`, `order.transactions`, `order.refunds`),
  call `set_stock`, `set_price`, `set_visible`, `fulfil`, `set_tracking`, `cancel`, and whose `changed` calls `hooks.emit`.
  Where stock lies in several places it is a `Desk` with a shelf of its own, as Shopify's.
- `supply.Supplier` with a `Book` and a `Warehouse`: accepted orders, payments, and parcels (ship, other numbers, ship by itself).

The pages (Buy, Ship, Scan, time line) work for each vendor of the role "store" that is a `desk.Desk` with `shelf`, and of the
role "supplier" that is a `supply.Supplier`; a carrier has `trackers` and `scan` as EasyPost's. The simulation copies its world:
what a vendor keeps must be copyable (no locks, no open files).
"""
