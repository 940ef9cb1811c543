"""Where invoices are kept."""


def find(number, db):
    return db.execute("SELECT * FROM invoices WHERE number = ?", (number,)).fetchone()
