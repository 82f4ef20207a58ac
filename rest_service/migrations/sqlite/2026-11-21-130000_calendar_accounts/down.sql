DROP TABLE calendar_links;
DROP TABLE calendar_accounts;
