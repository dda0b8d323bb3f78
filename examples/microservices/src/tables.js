/** Ten orders. What number 4 wants has a price that takes long to find, what number 7 wants has a wrong one. */
export const tables = `
  CREATE SCHEMA IF NOT EXISTS spoor_shop;
  CREATE TABLE IF NOT EXISTS spoor_shop.orders (id integer PRIMARY KEY, cents integer);
  CREATE TABLE IF NOT EXISTS spoor_shop.items (
    order_id integer REFERENCES spoor_shop.orders,
    sku text,
    quantity integer NOT NULL,
    PRIMARY KEY (order_id, sku)
  );
  INSERT INTO spoor_shop.orders SELECT generate_series(1, 10) ON CONFLICT DO NOTHING;
  INSERT INTO spoor_shop.items
    SELECT id, CASE id WHEN 4 THEN 'hammock' WHEN 7 THEN 'lamp' ELSE 'mug' END, 1 + id % 3 FROM spoor_shop.orders
    UNION ALL SELECT id, 'teapot', 1 FROM spoor_shop.orders
    ON CONFLICT DO NOTHING;
`;
