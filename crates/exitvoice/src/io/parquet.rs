//! A table as a Parquet file: zstd, words as dictionaries, the declaration as metadata, the same bytes for the same table.

use super::table::{Column, ColumnData, Table, TableError};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray,
    UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use std::collections::HashMap;
use std::sync::Arc;

/// Compression level: beyond it files of ours hardly shrink.
const ZSTD_LEVEL: i32 = 3;
/// Rows of a row group.
const ROW_GROUP: usize = 1 << 20;

/// Bytes of the Parquet file of a table, with `population = synthetic`, the table's name and description, and each column's unit,
/// description, role, source and meaning of missing values as metadata.
///
/// # Errors
/// The table contradicts its declaration.
pub fn to_bytes(table: &Table) -> Result<Vec<u8>, TableError> {
    table.check()?;
    let schema = Arc::new(schema(table));
    let columns = table.columns.iter().map(array).collect();
    let bug = |problem: String| TableError { table: table.name, column: "", problem };
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|e| bug(e.to_string()))?;
    let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("3 is a level of zstd");
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_created_by("exitvoice".to_owned())
        .set_key_value_metadata(Some(key_values(table)))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties)).map_err(|e| bug(e.to_string()))?;
    writer.write(&batch).map_err(|e| bug(e.to_string()))?;
    writer.close().map_err(|e| bug(e.to_string()))?;
    Ok(bytes)
}

/// Metadata of the file itself, for readers that do not look into the schema.
fn key_values(table: &Table) -> Vec<KeyValue> {
    about(table).iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned())).collect()
}

const fn about(table: &Table) -> [(&'static str, &'static str); 3] {
    [("population", "synthetic"), ("table", table.name), ("description", table.description)]
}

fn schema(table: &Table) -> Schema {
    let fields: Vec<Field> = table.columns.iter().map(field).collect();
    Schema::new(fields).with_metadata(metadata(&about(table)))
}

fn field(column: &Column) -> Field {
    let kind = match &column.data {
        ColumnData::U32(_) => DataType::UInt32,
        ColumnData::I32(_) => DataType::Int32,
        ColumnData::U64(_) => DataType::UInt64,
        ColumnData::F64(_) => DataType::Float64,
        ColumnData::Bool(_) => DataType::Boolean,
        ColumnData::Date(_) => DataType::Date32,
        ColumnData::Text(_) => DataType::Utf8,
        ColumnData::Category { .. } => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
    };
    Field::new(column.name, kind, !column.missing.is_empty()).with_metadata(metadata(&[
        ("unit", column.unit),
        ("description", column.description),
        ("role", column.role.word()),
        ("source", column.source),
        ("missing", column.missing),
    ]))
}

/// Arrow takes no other map; it writes the entries sorted by key.
fn metadata(entries: &[(&str, &str)]) -> HashMap<String, String> {
    entries.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn array(column: &Column) -> ArrayRef {
    match &column.data {
        ColumnData::U32(v) => Arc::new(v.iter().copied().collect::<UInt32Array>()),
        ColumnData::I32(v) => Arc::new(v.iter().copied().collect::<Int32Array>()),
        ColumnData::U64(v) => Arc::new(v.iter().copied().collect::<UInt64Array>()),
        ColumnData::F64(v) => Arc::new(v.iter().copied().collect::<Float64Array>()),
        ColumnData::Bool(v) => Arc::new(v.iter().copied().collect::<BooleanArray>()),
        ColumnData::Date(v) => Arc::new(v.iter().map(|d| d.map(|d| d.0)).collect::<Date32Array>()),
        ColumnData::Text(v) => Arc::new(v.iter().map(Option::as_deref).collect::<StringArray>()),
        ColumnData::Category { levels, codes } => {
            let keys: Int32Array = codes.iter().map(|c| c.map(|c| c as i32)).collect();
            let words = Arc::new(levels.iter().map(|l| Some(l.as_str())).collect::<StringArray>());
            let made = DictionaryArray::<Int32Type>::try_new(keys, words);
            Arc::new(made.expect("`check` has seen that every code lies inside the levels"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::table::tests::example;
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date32Type, Float64Type, UInt64Type};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    #[test]
    fn a_table_survives_its_file_with_values_missing_values_and_metadata() {
        let file = bytes::Bytes::from(to_bytes(&example()).expect("valid"));
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("parquet");
        let schema = Arc::clone(reader.schema());
        let entry = |key: &str| schema.metadata().get(key).map(String::as_str);
        assert_eq!(entry("population"), Some("synthetic"));
        assert_eq!(entry("table"), Some("series"));
        let heads = schema.field_with_name("true_heads").expect("there");
        assert_eq!(heads.metadata().get("source").map(String::as_str), Some("force.status"));
        assert_eq!(heads.metadata().get("missing").map(String::as_str), Some("not counted before day 0"));
        assert!(heads.is_nullable() && !schema.field_with_name("seed").expect("there").is_nullable());
        let batches: Vec<RecordBatch> = reader.build().expect("readable").map(|b| b.expect("readable")).collect();
        assert_eq!(batches.len(), 1);
        let column = |name: &str| batches[0].column_by_name(name).expect("there");
        assert_eq!(column("seed").as_primitive::<UInt64Type>().values().as_ref(), [u64::MAX, u64::MAX, 3]);
        assert_eq!(column("date").as_primitive::<Date32Type>().value(0), 20_004);
        let heads = column("true_heads").as_primitive::<Float64Type>();
        assert_eq!(
            (heads.value(0).to_bits(), heads.is_null(1), heads.value(2).to_bits()),
            (0.5_f64.to_bits(), true, (-0.0_f64).to_bits())
        );
        let words = column("status").as_dictionary::<Int32Type>().downcast_dict::<StringArray>().expect("words");
        let words: Vec<Option<&str>> = words.into_iter().collect();
        assert_eq!(words, [Some("killed"), None, Some("present")]);
        assert_eq!(column("note").as_string::<i32>().value(2), "ж, 한");
    }

    #[test]
    fn the_same_table_gives_the_same_bytes() {
        let first = to_bytes(&example()).expect("valid");
        for _ in 0..5 {
            assert_eq!(to_bytes(&example()).expect("valid"), first);
        }
    }

    #[test]
    fn a_table_without_rows_is_a_file_too() {
        let mut empty = example();
        for column in &mut empty.columns {
            column.data = match &column.data {
                ColumnData::Category { levels, .. } => {
                    ColumnData::Category { levels: levels.clone(), codes: Vec::new() }
                }
                _ => ColumnData::U32(Vec::new()),
            };
        }
        let file = bytes::Bytes::from(to_bytes(&empty).expect("valid"));
        assert_eq!(
            ParquetRecordBatchReaderBuilder::try_new(file).expect("parquet").metadata().file_metadata().num_rows(),
            0
        );
    }

    #[test]
    fn a_table_that_contradicts_itself_is_not_written() {
        let mut table = example();
        table.columns[6].data = vec![f64::INFINITY; 3].into();
        assert!(to_bytes(&table).expect_err("not finite").to_string().starts_with("EV0740"));
    }
}
