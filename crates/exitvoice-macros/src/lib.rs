//! `derive(Params)`: one struct beside an equation becomes its rows of the parameter registry.
//!
//! ```text
//! #[derive(Params)]
//! #[params(prefix = "exit.attempt", part = Force)]
//! pub struct Params {
//!     /// First paragraph of the doc comment: the description printed by `explain`.
//!     #[param(symbol = "beta_H", default = "2", prior = "half_normal(2)", grade = Assumed,
//!             source = "edele2017", why = "sign only", lever)]
//!     pub hostage_effect: f64,
//! }
//! ```
//! Emits `Params::META: &'static [ParamMeta]` and `Params::from_resolved(&dyn Lookup) -> Result<Params, ParamError>`.
//! The dimension comes from the field's type through `exitvoice_core::param::ParamValue`.

use proc_macro::TokenStream;
use quote::{format_ident, quote};
use syn::{
    Data, DataStruct, DeriveInput, Expr, ExprLit, Field, Fields, Ident, Lit, LitStr, parse_macro_input,
    spanned::Spanned,
};

/// Derives the registry rows and the reader of a parameter struct. Needs `#[params(prefix = "...", part = ...)]` on the struct
/// and `#[param(...)]` with `default`, `prior`, `grade` and `why` on each field; a missing piece is a compile error.
#[proc_macro_derive(Params, attributes(params, param))]
pub fn derive_params(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    match expand(&input) {
        Ok(tokens) => tokens,
        Err(error) => error.to_compile_error().into(),
    }
}

#[derive(Default)]
struct FieldAttributes {
    symbol: Option<LitStr>,
    default: Option<LitStr>,
    prior: Option<LitStr>,
    grade: Option<Ident>,
    source: Option<LitStr>,
    why: Option<LitStr>,
    lever: bool,
}

fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let (prefix, part) = struct_attributes(input)?;
    let fields = match &input.data {
        Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) => fields,
        _ => return Err(syn::Error::new(input.span(), "Params is a struct with named fields")),
    };
    let mut rows = Vec::new();
    let mut readers = Vec::new();
    for field in &fields.named {
        let name = field.ident.clone().unwrap_or_else(|| format_ident!("unnamed"));
        let kind = &field.ty;
        let key = LitStr::new(&format!("{}.{}", prefix.value(), name), name.span());
        rows.push(row(field, &name, &key, &part)?);
        readers.push(quote! { #name: ::exitvoice_core::param::read::<#kind>(values, #key)? });
    }
    let ident = &input.ident;
    Ok(quote! {
        impl #ident {
            /// Registry rows of this struct, in field order.
            pub const META: &'static [::exitvoice_core::param::ParamMeta] = &[#(#rows),*];

            /// Reads every field from resolved values.
            ///
            /// # Errors
            /// A key is missing or its value lies outside the type's domain.
            pub fn from_resolved(
                values: &dyn ::exitvoice_core::param::Lookup,
            ) -> ::core::result::Result<Self, ::exitvoice_core::param::ParamError> {
                Ok(Self { #(#readers),* })
            }
        }
    }
    .into())
}

/// The prefix of the keys and the part of a run, from `#[params(...)]`.
fn struct_attributes(input: &DeriveInput) -> syn::Result<(LitStr, Ident)> {
    let mut prefix: Option<LitStr> = None;
    let mut part: Option<Ident> = None;
    for attribute in input.attrs.iter().filter(|a| a.path().is_ident("params")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("prefix") {
                prefix = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("part") {
                part = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error("expected `prefix` or `part`"));
            }
            Ok(())
        })?;
    }
    let prefix = prefix.ok_or_else(|| syn::Error::new(input.span(), "missing #[params(prefix = \"...\")]"))?;
    let part =
        part.ok_or_else(|| syn::Error::new(input.span(), "missing #[params(part = History | Force | Observe)]"))?;
    Ok((prefix, part))
}

/// The registry row of one field.
fn row(field: &Field, name: &Ident, key: &LitStr, part: &Ident) -> syn::Result<proc_macro2::TokenStream> {
    let description = doc_text(&field.attrs);
    if description.is_empty() {
        let why = "a parameter needs a doc comment: it is the description users see";
        return Err(syn::Error::new(field.span(), why));
    }
    let attributes = field_attributes(field)?;
    let lacking = |what: &str| syn::Error::new(field.span(), format!("parameter `{name}` lacks `{what}`"));
    let kind = &field.ty;
    let symbol = attributes.symbol.map_or_else(String::new, |s| s.value());
    let default = attributes.default.ok_or_else(|| lacking("default"))?;
    let prior = attributes.prior.ok_or_else(|| lacking("prior"))?;
    let why = attributes.why.ok_or_else(|| lacking("why"))?;
    let grade = attributes.grade.ok_or_else(|| lacking("grade"))?;
    let source = attributes.source.map_or_else(String::new, |s| s.value());
    let lever = attributes.lever;
    Ok(quote! {
        ::exitvoice_core::param::ParamMeta {
            key: #key,
            symbol: #symbol,
            description: #description,
            default: #default,
            dimension: <#kind as ::exitvoice_core::param::ParamValue>::DIMENSION,
            prior: #prior,
            grade: ::exitvoice_core::param::Grade::#grade,
            part: ::exitvoice_core::param::Part::#part,
            lever: #lever,
            source: #source,
            why: #why,
        }
    })
}

fn field_attributes(field: &Field) -> syn::Result<FieldAttributes> {
    let mut found = FieldAttributes::default();
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("param")) {
        attribute.parse_nested_meta(|meta| {
            let path = meta.path.clone();
            if path.is_ident("lever") {
                found.lever = true;
            } else if path.is_ident("grade") {
                found.grade = Some(meta.value()?.parse()?);
            } else {
                let text: LitStr = meta.value()?.parse()?;
                if path.is_ident("symbol") {
                    found.symbol = Some(text);
                } else if path.is_ident("default") {
                    found.default = Some(text);
                } else if path.is_ident("prior") {
                    found.prior = Some(text);
                } else if path.is_ident("source") {
                    found.source = Some(text);
                } else if path.is_ident("why") {
                    found.why = Some(text);
                } else {
                    return Err(meta.error("expected symbol, default, prior, grade, source, why or lever"));
                }
            }
            Ok(())
        })?;
    }
    Ok(found)
}

fn doc_text(attributes: &[syn::Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("doc")) {
        if let syn::Meta::NameValue(pair) = &attribute.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
        {
            lines.push(text.value().trim().to_owned());
        }
    }
    lines.join(" ").trim().to_owned()
}
