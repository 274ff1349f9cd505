//! How domain types are stored in columns.

use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};
use uuid::Uuid;

use crate::domain::{
    ClientId, ConversationId, FileId, Kind, PersonId, Registration, Role, Seq, account::AuditAction,
};

/// A number of bytes in a column.
pub(super) fn size(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

macro_rules! uuid_column {
    ($($name:ty),*) => {$(
        impl<D: Database> Type<D> for $name where Uuid: Type<D> {
            fn type_info() -> D::TypeInfo {
                Uuid::type_info()
            }
            fn compatible(ty: &D::TypeInfo) -> bool {
                Uuid::compatible(ty)
            }
        }
        impl<'q, D: Database> Encode<'q, D> for $name where Uuid: Encode<'q, D> {
            fn encode_by_ref(
                &self,
                buffer: &mut <D as Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                self.0.encode_by_ref(buffer)
            }
        }
        impl<'r, D: Database> Decode<'r, D> for $name where Uuid: Decode<'r, D> {
            fn decode(value: <D as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                Uuid::decode(value).map(Self)
            }
        }
    )*};
}

uuid_column!(PersonId, ConversationId, ClientId, FileId);

impl<D: Database> Type<D> for Seq
where
    i64: Type<D>,
{
    fn type_info() -> D::TypeInfo {
        i64::type_info()
    }
    fn compatible(ty: &D::TypeInfo) -> bool {
        i64::compatible(ty)
    }
}

impl<'q, D: Database> Encode<'q, D> for Seq
where
    i64: Encode<'q, D>,
{
    fn encode_by_ref(
        &self,
        buffer: &mut <D as Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        // A value beyond the column's range is beyond every number that was assigned: both mean
        // "after all".
        i64::try_from(self.0).unwrap_or(i64::MAX).encode_by_ref(buffer)
    }
}

impl<'r, D: Database> Decode<'r, D> for Seq
where
    i64: Decode<'r, D>,
{
    fn decode(value: <D as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(u64::try_from(i64::decode(value)?)?))
    }
}

macro_rules! named_column {
    ($($name:ty),*) => {$(
        impl<D: Database> Type<D> for $name
        where
            String: Type<D>,
        {
            fn type_info() -> D::TypeInfo {
                String::type_info()
            }
            fn compatible(ty: &D::TypeInfo) -> bool {
                String::compatible(ty)
            }
        }

        impl<'q, D: Database> Encode<'q, D> for $name
        where
            String: Encode<'q, D>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut <D as Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                self.as_str().to_owned().encode_by_ref(buffer)
            }
        }

        impl<'r, D: Database> Decode<'r, D> for $name
        where
            String: Decode<'r, D>,
        {
            fn decode(value: <D as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let name = String::decode(value)?;
                Self::parse(&name)
                    .ok_or_else(|| format!("no {}: {name}", stringify!($name)).into())
            }
        }
    )*};
}

named_column!(Kind, Role, Registration, AuditAction);
