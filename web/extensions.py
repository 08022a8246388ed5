"""The Flask extensions, made once and given to each app in web/app.py."""

from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from shared.db.base import Base

# expire_on_commit: an answer made before COMMIT must not read again after it
db = SQLAlchemy(
    metadata=Base.metadata,
    disable_autonaming=True,
    session_options={"expire_on_commit": False},
)
csrf = CSRFProtect()
babel = Babel()
