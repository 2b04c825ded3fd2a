using Microsoft.EntityFrameworkCore.Migrations;

namespace BotGeneric.Usage.Data;

/// <summary>What no model says about prices: that those of one model never overlap, and the version by which processes learn of changes.</summary>
internal static class PriceSql
{
    // The extension is one that the owner of a database may create.
    private const string Create =
        """
        CREATE EXTENSION IF NOT EXISTS btree_gist;
        ALTER TABLE model_prices ADD CONSTRAINT ex_model_prices_overlap
            EXCLUDE USING gist (provider WITH =, model WITH =, tstzrange(effective_from, effective_to) WITH &&);
        CREATE TABLE price_book (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            version bigint NOT NULL
        );
        INSERT INTO price_book (version) VALUES (0);
        CREATE FUNCTION price_book_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE price_book SET version = version + 1;
            RETURN NULL;
        END $$;
        CREATE TRIGGER price_book_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON model_prices FOR EACH STATEMENT EXECUTE FUNCTION price_book_changed();
        """;

    /// <summary>Adds what the table of prices lacks.</summary>
    /// <param name="migration">The migration.</param>
    public static void CompletePrices(this MigrationBuilder migration) => migration.Sql(Create);

    /// <summary>Takes it away.</summary>
    /// <param name="migration">The migration.</param>
    public static void ReducePrices(this MigrationBuilder migration) => migration.Sql(
        """
        DROP TRIGGER price_book_changed ON model_prices;
        DROP FUNCTION price_book_changed();
        DROP TABLE price_book;
        """);
}
