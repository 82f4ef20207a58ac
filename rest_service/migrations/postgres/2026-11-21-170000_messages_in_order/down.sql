DROP INDEX messages_in_order;
