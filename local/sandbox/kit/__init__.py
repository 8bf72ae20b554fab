"""What stand-ins of vendors share. A vendor writes its paths and its shapes; all else is here.

A new vendor is a package `local/sandbox/<kind>` with a class that has `kind`, `role`, `account`, `handle(request)` and `tick()`
(see sandbox.Vendor), and one line in `sandbox.VENDORS`. It is made of these parts:

- `api.Api`: routes as a table (method, path with {names}, operation), gates in front (sign-in, throttle), scripted faults per
  operation, checks of query and body that are kept in the ledger, and an error form of the vendor's own.
- `signin`: HTTP Basic, a key or token in a header, tokens that expire.
- `paging`: pages by number with totals, pages behind a cursor, the Link header.
- `throttle`: calls in a window, points that are refilled, points per day.
- `hooks`: subscriptions, signed deliveries, lost and repeated ones, and those that end after failures.
- `shop.Store`: a store's shelf and orders (buy, capture, cancel, edit, refund, fulfil); `people`: who buys.
- `supply.Warehouse`: a supplier's accepted orders and their parcels (ship, other numbers, ship by itself).

The pages (Buy, Ship, Scan, time line) work for each vendor whose class is a `shop.Store`, or keeps a `supply.Warehouse`.
"""
